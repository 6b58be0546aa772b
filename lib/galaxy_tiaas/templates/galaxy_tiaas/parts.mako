<%def name="state(training)"><span class="tiaas-state tiaas-state-${training.state.value}">${formats.training_state(training.state)}</span>\
% if training.state.value == "approved":
 <span class="tiaas-state tiaas-state-phase">${training.phase.value}</span>\
% endif
</%def>

<%def name="person(who)">${formats.person(who.pseudonym, who.colour, who.shape)}</%def>

<%def name="job_state(state, count=None)"><span class="tiaas-job tiaas-job-${state}">${formats.job_state(state)}${"" if count is None else f" {count:,}"}</span></%def>

<%def name="job_states(states)">
% for state, count in formats.in_order(states):
${job_state(state, count)}
% endfor
</%def>

<%doc>A bar of so many percent of the room that it has.</%doc>
<%def name="bar(percent, classes)"><svg class="${classes}" aria-hidden="true"><rect width="${percent}%" height="100%"/></svg></%def>

<%def name="token_field(token)"><input type="hidden" name="session_csrf_token" value="${token}"></%def>

<%def name="version_field(version, name='version')"><input type="hidden" name="${name}" value="${version}" autocomplete="off"></%def>

<%def name="countries_of(codes)">${" · ".join(country(code).name for code in codes) or "–"}</%def>

<%def name="yes(value)">${"yes" if value else "no"}</%def>

<%def name="subtitle(training)">
<p class="tiaas-subtitle">${state(training)} <span>${formats.days(training.start, training.end)}</span> <code>${training.identifier}</code></p>
</%def>

<%def name="used(usage)">${f"{usage.jobs:,}"} ${"job" if usage.jobs == 1 else "jobs"} by ${f"{usage.people:,}"} ${"person" if usage.people == 1 else "people"}\
% if usage.job_hours is not None:
, ${formats.hours(usage.job_hours)} job hours, ${formats.hours(usage.core_hours)} core hours\
% endif
</%def>

<%def name="facts(training)">
<dl class="tiaas-facts">
    <dt>Days</dt><dd>${formats.days(training.start, training.end)} (${training.timezone})</dd>
    <dt>Resources</dt><dd>from ${formats.moment(training.opens)} to ${formats.moment(training.closes)}</dd>
    % if training.destination:
    <dt>Destination</dt><dd>${training.destination}</dd>
    % endif
    <dt>People</dt><dd>${f"{training.attendance:,}"} expected, ${f"{training.members:,}"} joined</dd>
    % if training.usage:
    <dt>Used</dt><dd>${used(training.usage)}</dd>
    % endif
    <dt>Countries</dt><dd>${countries_of(training.location)}</dd>
    % if training.description:
    <dt>About</dt><dd class="tiaas-prose">${formats.linked(training.description)}</dd>
    % endif
    % if training.website:
    <dt>Website</dt><dd>${formats.linked(training.website)}</dd>
    % endif
    <dt>GTN materials</dt><dd class="tiaas-prose">${formats.linked(training.gtn_links) or yes(training.use_gtn)}</dd>
    % if training.non_gtn_links:
    <dt>Other materials</dt><dd class="tiaas-prose">${formats.linked(training.non_gtn_links)}</dd>
    % endif
    % if training.other_requests:
    <dt>Other wishes</dt><dd class="tiaas-prose">${formats.linked(training.other_requests)}</dd>
    % endif
    <dt>Listed publicly</dt><dd>${yes(training.advertise)}</dd>
    <dt>Blog post</dt><dd>${yes(training.blogpost)}</dd>
    % if training.name or training.email:
    <dt>Contact</dt><dd>${training.name} &lt;<a href="mailto:${training.email}">${training.email}</a>&gt;\
% if training.email:
 (${"confirmed" if training.email_confirmed else "not confirmed yet"})\
% endif
</dd>
    % endif
</dl>
</%def>

<%doc>What there is to say of a contact address that is not confirmed.</%doc>
<%def name="contact_note(contact)">
<strong>${contact.address} is not confirmed yet.</strong>
% if not contact.can_ask:
This server cannot send a link for the confirmation\
% if actor.is_admin:
: it needs <code>smtp_server</code>, and <code>galaxy_infrastructure_url</code> or <code>base_url</code>\
% endif
.\
% elif contact.link_valid_until:
We have sent a link there, which can be followed until ${formats.moment(contact.link_valid_until)}.\
% else:
No valid link has been sent there.\
% endif
% if not contact.has_account:
 No mail goes there until the address is confirmed.
% elif contact.own:
 Until the address is confirmed, mails go to the address of your account.
% else:
 Until the address is confirmed, mails go to the address of the requester's account.
% endif
</%def>

<%def name="people_list(people)">
% if people:
<ul class="tiaas-people">
    % for person in people:
    <li>${person.name} &lt;<a href="mailto:${person.email}">${person.email}</a>&gt;${" – asked for the training" if person.requester else ""}</li>
    % endfor
</ul>
% else:
<p>Names have been removed.</p>
% endif
</%def>

<%doc>Whom an invitation means, for admins only.</%doc>
<%def name="whom(invited)">\
% if invited.account:
(${invited.account[0] or "no public name"}, <a href="mailto:${invited.account[1]}">${invited.account[1]}</a>${", declined" if invited.declined else ""})\
% elif actor.is_admin:
(no account here)\
% endif
</%def>

<%def name="invited_list(invited)">
% if invited:
<h3 class="h4">Invited, waiting for an answer</h3>
<ul class="tiaas-people">
    % for each in invited:
    <li>${each.typed} ${whom(each)} until ${formats.moment(each.expires, "day")}</li>
    % endfor
</ul>
% endif
</%def>

<%doc>What somebody has to do whose account is not activated; where the e-mail went, if that is known.</%doc>
<%def name="how_to_activate(actor)">Until then, Galaxy runs no tools for you. Open the link in the e-mail that Galaxy sent\
% if actor.user:
 to <strong>${actor.user.email}</strong>\
% endif
; it may be in the spam folder. <a href="${url(activation_path)}" target="_blank">Send it again</a></%def>

<%def name="members_table(training, members)">
<% blocked = sum(member.activated is False for member in members) %>
% if blocked and training.phase.value != "finished":
<p class="alert alert-warning" id="not-activated"><strong>${"1 person" if blocked == 1 else f"{blocked:,} people"}</strong> cannot run
tools yet: ${"the account is" if blocked == 1 else "their accounts are"} not activated. Galaxy has sent an e-mail with a link for
that; whoever opens the join link is told how to get it again.</p>
% endif
% if members:
<details ${"" if len(members) > 15 else "open"}>
<summary>${"1 person has" if len(members) == 1 else f"{len(members)} people have"} joined</summary>
<table class="table table-sm tiaas-stack">
    <thead><tr><th scope="col">Name on the dashboard</th>
        % if members[0].username:
        <th scope="col">Galaxy account</th>
        % endif
        <th scope="col">Joined</th>
    </tr></thead>
    <tbody>
    % for member in members:
    <tr><td>${person(member)}\
% if member.activated is False:
 <small>not activated</small>\
% endif
</td>
        % if member.username:
        <td data-label="Account">${member.username}${f" <{member.email}>" if member.email else ""}</td>
        % endif
        <td class="text-nowrap" data-label="Joined">${formats.moment(member.joined_at)}</td>
    </tr>
    % endfor
    </tbody>
</table>
</details>
% elif training.members:
<p>Personal data has been removed, so nobody is listed any more.</p>
% else:
<p>${"Nobody joined." if training.phase.value == "finished" or training.state.value in ("rejected", "cancelled") else "Nobody has joined yet."}</p>
% endif
</%def>

<%doc>What an event of a history changed; of a request, everything that was asked for.</%doc>
<%def name="changes_of(event)">
% if event.changes and event.action in ("requested", "imported"):
<details class="mb-0"><summary>As requested</summary>
<ul class="mb-1">
    % for name, (_, new) in event.changes.items():
    <li class="tiaas-prose">${formats.initial(name, new)}</li>
    % endfor
</ul>
</details>
% elif event.changes:
<ul class="list-unstyled mb-0">
    % for name, (old, new) in event.changes.items():
    <li>${formats.change(name, old, new)}</li>
    % endfor
</ul>
% endif
</%def>

<%def name="history_table(history)">
<table class="table table-sm tiaas-stack">
    <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Note</th></tr></thead>
    <tbody>
    % for event in history:
    <tr>
        <td class="text-nowrap">${formats.moment(event.time)}</td>
        <td data-label="Who">${formats.done_by(event.username, event.via)}</td>
        <td><strong>${event.action}</strong>
            ${changes_of(event)}
        </td>
        <td class="tiaas-prose" ${'data-label="Note"' if event.note else "" | n}>${event.note}</td>
    </tr>
    % endfor
    </tbody>
</table>
</%def>

<%def name="requested_change(training)">
<ul>
    % for name, wanted in training.requested_change.changes.items():
    <li>${formats.change(name, getattr(training, name), wanted)}</li>
    % endfor
</ul>
</%def>

<%def name="destination_field(destinations, chosen)">
<div class="tiaas-field"><label for="destination">Destination</label>
    <div class="tiaas-help" id="destination-help">Where the members' jobs go while the training runs.</div>
    <select class="form-control" id="destination" name="destination" aria-describedby="destination-help">
        <option value="">the usual training destination</option>
        % for choice in destinations:
        <option value="${choice.id}" ${"selected" if choice.id == chosen else ""}>${f"{choice.title} ({choice.id})" if choice.title else choice.id}</option>
        % endfor
    </select></div>
</%def>

<%doc>The way to the other pages of a list. `address` makes one from a number.</%doc>
<%def name="page_links(shown, address, label='Pages', what='', newer='Previous', older='Next')">
% if shown.count > 1:
<nav aria-label="${label}" class="tiaas-actions">
    % if shown.number > 1:
    <a href="${address(min(shown.number - 1, shown.count))}">${newer}</a>
    % endif
    <span>Page ${shown.number} of ${shown.count}${f", {shown.total:,} {what}" if what else ""}</span>
    % if shown.has_next:
    <a href="${address(shown.number + 1)}">${older}</a>
    % endif
</nav>
% endif
</%def>

<%doc>The way to the other parts of a list of people. `address` makes one from a number; `place` is what is seen then.</%doc>
<%def name="leaf_through(name, title, shown, address, place='')">
% if shown.count > 1:
<nav class="tiaas-leaf-through" aria-label="Pages of: ${title}">
    % if shown.number > 1:
    <a class="btn btn-outline-primary btn-sm" id="${name}-previous" href="${address(shown.number - 1)}#${place or name}">Previous<span class="sr-only">: ${title}</span></a>
    % endif
    <span>${f"{shown.first:,} to {shown.last:,} of {shown.total:,}"}</span>
    % if shown.has_next:
    <a class="btn btn-outline-primary btn-sm" id="${name}-next" href="${address(shown.number + 1)}#${place or name}">Next<span class="sr-only">: ${title}</span></a>
    % endif
</nav>
% endif
</%def>
