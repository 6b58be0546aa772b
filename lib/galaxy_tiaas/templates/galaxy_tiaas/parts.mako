<%def name="state(training)">
<span class="tiaas-state tiaas-state-${training.state.value}">${training.state.value}</span>
% if training.state.value == "approved":
<span class="tiaas-state tiaas-state-phase">${training.phase.value}</span>
% endif
</%def>

<%def name="person(who)">
<span class="tiaas-person"><span class="tiaas-swatch" style="background: ${who.colour}"></span>${who.pseudonym}</span>
</%def>

<%def name="job_state(state, count=None)">
<span class="tiaas-job tiaas-job-${state}">${state}${"" if count is None else f": {count}"}</span>
</%def>

<%def name="token_field(token)"><input type="hidden" name="session_csrf_token" value="${token}"></%def>

<%def name="countries_of(codes)">${", ".join(country(code).name for code in codes) or "–"}</%def>

<%def name="yes(value)">${"yes" if value else "no"}</%def>

<%def name="facts(training)">
<dl class="tiaas-facts">
    <dt>State</dt><dd>${state(training)}</dd>
    <dt>Days</dt><dd>${formats.days(training.start, training.end)} (${training.timezone})</dd>
    <dt>Resources</dt><dd>from ${formats.moment(training.opens)} to ${formats.moment(training.closes)}</dd>
    <dt>People</dt><dd>${training.members} joined, ${training.attendance} expected</dd>
    <dt>Countries</dt><dd>${countries_of(training.location)}</dd>
    % if training.description:
    <dt>About</dt><dd class="tiaas-prose">${training.description}</dd>
    % endif
    % if training.website:
    <dt>Website</dt><dd><a href="${training.website}" target="_blank" rel="noopener noreferrer">${training.website}</a></dd>
    % endif
    <dt>GTN materials</dt><dd class="tiaas-prose">${yes(training.use_gtn)}${f": {training.gtn_links}" if training.gtn_links else ""}</dd>
    % if training.non_gtn_links:
    <dt>Other materials</dt><dd class="tiaas-prose">${training.non_gtn_links}</dd>
    % endif
    <dt>Listed publicly</dt><dd>${yes(training.advertise)}</dd>
    <dt>Blog post</dt><dd>${yes(training.blogpost)}</dd>
    % if training.other_requests:
    <dt>Other wishes</dt><dd class="tiaas-prose">${training.other_requests}</dd>
    % endif
    % if training.name or training.email:
    <dt>Contact</dt><dd>${training.name} &lt;<a href="mailto:${training.email}">${training.email}</a>&gt;</dd>
    % endif
    % if training.destination:
    <dt>Destination</dt><dd>${training.destination}</dd>
    % endif
</dl>
</%def>

<%def name="people_list(people)">
<ul>
    % for person in people:
    <li>${person.name} &lt;${person.email}&gt;${" – asked for the training" if person.requester else ""}</li>
    % endfor
</ul>
</%def>

<%def name="members_table(members)">
% if members:
<div class="tiaas-scroll">
<table class="table table-sm">
    <thead><tr><th scope="col">Name on the dashboard</th><th scope="col">Joined</th>
        % if members[0].username:
        <th scope="col">Galaxy account</th>
        % endif
    </tr></thead>
    <tbody>
    % for member in members:
    <tr><td>${person(member)}</td><td>${formats.moment(member.joined_at)}</td>
        % if member.username:
        <td>${member.username}${f" <{member.email}>" if member.email else ""}</td>
        % endif
    </tr>
    % endfor
    </tbody>
</table>
</div>
% else:
<p>Nobody has joined yet.</p>
% endif
</%def>

<%def name="history_table(history)">
<div class="tiaas-scroll">
<table class="table table-sm">
    <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Note</th></tr></thead>
    <tbody>
    % for event in history:
    <tr>
        <td>${formats.moment(event.time)}</td>
        <td>${event.username or "–"}</td>
        <td>${event.action}
            % if event.changes:
            <ul class="list-unstyled mb-0">
                % for name, (old, new) in event.changes.items():
                <li>${formats.change(name, old, new)}</li>
                % endfor
            </ul>
            % endif
        </td>
        <td>${event.note}</td>
    </tr>
    % endfor
    </tbody>
</table>
</div>
</%def>

<%def name="requested_change(training)">
<dl class="tiaas-facts">
    % for name, value in training.requested_change.changes.items():
    <dt>${formats.field(name)}</dt><dd>${getattr(training, name)} → <strong>${value}</strong></dd>
    % endfor
</dl>
</%def>
