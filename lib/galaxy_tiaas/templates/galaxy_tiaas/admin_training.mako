<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%namespace name="load_of" file="load.mako"/>
<%namespace name="ending" file="end_early.mako"/>
<%!
from galaxy_tiaas.core.times import today_in

DONE = {
    "approved": "Done: the training is approved.",
    "rejected": "Done: the training is rejected.",
    "cancelled": "Done: the training is cancelled.",
    "accepted": "Done: the change is accepted and in effect.",
    "declined": "Done: the change is declined, everything stays as it was.",
    "destination": "Done: from now on jobs go to the destination chosen.",
    "ended": "Done: the training is over, its resources are free for others.",
    "resumed": "Done: the training goes on until its last day.",
}
%>
<%def name="title()">Review ${training.title}</%def>
<%def name="entry()">review</%def>
<%def name="trouble(name)">
% if problem and box == name and not destination_wrong:
<div class="alert alert-danger" role="alert" tabindex="-1" autofocus>${str(problem)}</div>
% endif
</%def>
<%def name="note_field()">
<div class="tiaas-field"><label for="note">Note to the instructor</label>
<span class="tiaas-help">(optional)</span>
<textarea class="form-control" id="note" name="note" rows="2" maxlength="10000">${typed.get("note", "") if box == "decision" else ""}</textarea></div>
</%def>
<%def name="destination_select(name, chosen)">
<% wrong = destination_wrong and box == name %>
<div class="tiaas-field"><label for="destination">Destination</label>
    <div class="tiaas-help" id="destination-help">Where the members' jobs go while the training runs.</div>
    <select class="form-control" id="destination" name="destination" aria-describedby="destination-help${' destination-error' if wrong else ''}" ${'aria-invalid="true"' if wrong else "" | n}>
        <option value="">the usual training destination</option>
        % for choice in destinations:
        <option value="${choice.id}" ${"selected" if choice.id == chosen else ""}>${f"{choice.title} ({choice.id})" if choice.title else choice.id}</option>
        % endfor
    </select>
    % if wrong:
    <div class="tiaas-error" id="destination-error" role="alert" tabindex="-1" autofocus>${str(problem)}</div>
    % endif
</div>
</%def>
<%def name="people_on(variant)">${f"{variant.attendance:,}"} ${"person" if variant.attendance == 1 else "people"}, ${formats.days(variant.start, variant.end)}</%def>
<%def name="seats_of(variant)">
${load_of.chart(variant.strip)}
<p class="tiaas-load-sentence"><% sentence = capture(load_of.sentence, variant.strip).strip() %>${sentence[:1].upper()}${sentence[1:]}.</p>
% if variant.beside:
<details>
    <summary>Numbers by day, and the other trainings</summary>
    <table class="table table-sm">
        <thead><tr><th scope="col">Days</th><th scope="col" class="number">Others</th><th scope="col" class="number">With this one</th></tr></thead>
        <tbody>
        % for first, last, others in formats.stretches(variant.days):
        <tr><td>${formats.days(first, last)}</td><td class="number">${f"{others:,}"}</td><td class="number">${f"{others + variant.training.attendance:,}"}</td></tr>
        % endfor
        </tbody>
    </table>
    <ul class="tiaas-beside">
        % for other in variant.beside:
        <li><a href="${url(f'/tiaas/admin/trainings/{other.identifier}')}">${other.title}</a>: ${f"{other.seats:,}"} people, ${formats.days(other.start, other.end)}</li>
        % endfor
    </ul>
</details>
% endif
</%def>
<%def name="cancel()">
% if "cancelled" in choices:
<details>
    <summary>Cancel the training …</summary>
    <p>If the course does not take place. This is final: a rejected training can be approved again, a cancelled one cannot.</p>
    <button class="btn btn-outline-danger" type="submit" name="state" value="cancelled">Cancel the training</button>
</details>
% endif
</%def>
<%
state = training.state.value
choices = {target.value for target in possible}
review = url(f"/tiaas/admin/trainings/{training.identifier}")
today = today_in(training.timezone, now)
deciding = state == "new" or training.requested_change is not None
urgent = formats.urgency(training.start, today, max(config.late_request_prevention_days, 7)) if state == "new" else ""
destination_wrong = getattr(problem, "field", "") == "destination"
asked_by = next((person.name for person in people if person.requester), training.name)
past = sum(earlier.values())
has_cohort = training.members or any(event.to_state and event.to_state.value == "approved" for event in history)
%>
<p class="tiaas-back"><a href="${url('/tiaas/admin/')}">← All requests</a></p>
<h1>${training.title}</h1>
${parts.subtitle(training)}
% if done in DONE and not problem:
<div class="alert alert-success" role="status">${DONE[done]}</div>
% endif
<div class="tiaas-review-page">
<section class="tiaas-review-lead" aria-label="At a glance">
    <ul class="tiaas-glance">
        <li><strong>${f"{training.attendance:,}"}</strong> ${"person" if training.attendance == 1 else "people"} expected${"" if state == "new" else f", {training.members:,} joined"}</li>
        <li><strong>${formats.distance(training.start, training.end, today, training.ended_at and today_in(training.timezone, training.ended_at))}</strong>
            % if urgent:
            <span class="tiaas-flag tiaas-flag-${urgent}">${urgent}</span>
            % endif
            ${formats.days(training.start, training.end)}</li>
        <li><strong>${asked_by or "Nobody any more"}</strong>
            % if not asked_by:
            personal data has been removed
            % elif past:
            ${f"asked for {past} other training" + ("" if past == 1 else "s")}: ${", ".join(f"{count} {formats.training_state(kind)}" for kind, count in earlier.items())}
            % else:
            has not asked for a training before
            % endif
        </li>
    </ul>
    % if len(seats) == 1:
    <h2>Seats on these days</h2>
    ${seats_of(seats[0])}
    % else:
    <div class="tiaas-two-loads">
        % for variant in seats:
        <div>
            <h2>${"Seats with the change" if variant.wished else "Seats as it is now"}</h2>
            <p class="tiaas-help">${people_on(variant.training)}</p>
            ${seats_of(variant)}
        </div>
        % endfor
    </div>
    % endif
</section>
<aside class="tiaas-review-decide" aria-label="Decisions">
    % if training.requested_change:
    <form class="tiaas-box" method="post" action="${review}/change">
        ${parts.token_field(token)}
        ${parts.version_field(training.version)}
        <h2>The instructor asks for a change</h2>
        ${trouble("change")}
        <dl class="tiaas-old-new">
            % for name, wanted in training.requested_change.changes.items():
            <dt>${formats.field(name).capitalize()}</dt>
            <dd><del>${formats.value(name, getattr(training, name))}</del> <span aria-hidden="true">→</span> <ins>${formats.value(name, wanted)}</ins></dd>
            % endfor
        </dl>
        <div class="tiaas-field"><label for="change-note">Your answer</label>
        <span class="tiaas-help">(optional)</span>
        <input class="form-control" id="change-note" name="note" maxlength="10000" value="${typed.get('note', '') if box == 'change' else ''}"></div>
        <div class="tiaas-actions">
            <button class="btn btn-primary" name="decision" value="accept">Accept</button>
            <button class="btn btn-outline-danger" name="decision" value="decline">Decline</button>
        </div>
    </form>
    % endif
    <div class="tiaas-panel">
    % if state == "new":
        <h2>Decide</h2>
        ${trouble("decision")}
        <form method="post" action="${review}">
            ${parts.token_field(token)}
            ${parts.version_field(training.version)}
            ${note_field()}
            ${destination_select("decision", typed.get("destination", ""))}
            <div class="tiaas-actions">
                <button class="btn btn-primary" type="submit" name="state" value="approved">Approve</button>
                <button class="btn btn-outline-danger" type="submit" name="state" value="rejected">Reject</button>
            </div>
            ${cancel()}
        </form>
    % elif state == "approved":
        <h2>${"It is over" if training.phase.value == "finished" else "It is running" if training.phase.value == "ongoing" else "It is approved"}</h2>
        % if training.ended_at:
        <p>It was ended early, ${formats.moment(training.ended_at)}.</p>
        ${trouble("end")}
        <form method="post" action="${review}/resume">
            ${parts.token_field(token)}
            <button class="btn btn-outline-primary" type="submit">Resume</button>
        </form>
        % else:
        <p>Resources from ${formats.moment(training.opens)} to ${formats.moment(training.closes)}.</p>
        % if training.phase.value != "ongoing":
        ${trouble("end")}
        % endif
        % endif
        % if training.phase.value != "finished":
        <form method="post" action="${review}/destination">
            ${parts.token_field(token)}
            ${parts.version_field(training.version)}
            ${trouble("destination")}
            ${destination_select("destination", typed.get("destination", "") if box == "destination" else training.destination)}
            <button class="btn btn-outline-primary" type="submit">Change destination</button>
        </form>
        ${ending.end_early(training, token, f"{review}/end", typed.get("note", "") if box == "end" else "", str(problem) if problem and box == "end" else "")}
        % endif
        <form method="post" action="${review}">
            ${parts.token_field(token)}
            ${parts.version_field(training.version)}
            ${trouble("decision")}
            <details ${"open" if problem and box == "decision" else ""}>
                <summary>Undo the approval …</summary>
                <p>Rejecting takes the resources away at once and closes the link. Whoever joined stays in the group, and
                approving again brings everything back.</p>
                ${note_field()}
                <button class="btn btn-outline-danger" type="submit" name="state" value="rejected">Reject after all</button>
            </details>
            ${cancel()}
        </form>
    % elif state == "rejected":
        <h2>Undo the rejection</h2>
        ${trouble("decision")}
        <form method="post" action="${review}">
            ${parts.token_field(token)}
            ${parts.version_field(training.version)}
            <p>Approving makes the Galaxy group and role and opens the link, as if it had been approved at first.</p>
            ${note_field()}
            ${destination_select("decision", typed.get("destination", "") if box == "decision" else training.destination)}
            <div class="tiaas-actions">
                <button class="btn btn-primary" type="submit" name="state" value="approved">Approve after all</button>
            </div>
        </form>
    % else:
        <h2>It was cancelled</h2>
        ${trouble("decision")}
        <p>That is final. If the course takes place after all, it is requested anew.</p>
    % endif
    </div>
    <div class="tiaas-actions tiaas-elsewhere">
        <a href="${url(f'/tiaas/trainings/{training.identifier}/edit')}">Change it</a>
        <a href="${url(f'/tiaas/trainings/{training.identifier}')}">As the instructor sees it</a>
        % if state == "approved":
        <a href="${url(f'/join-training/{training.identifier}/status')}">Dashboard</a>
        % endif
        <a href="${url('/tiaas/admin/routing')}">Where jobs go</a>
    </div>
</aside>
<div class="tiaas-review-rest">
<h2>The training</h2>
${parts.facts(training)}
% if contact:
<p class="tiaas-help">${parts.contact_note(contact)}</p>
% endif
<h2>Instructors</h2>
${parts.people_list(people)}
${parts.invited_list(invited)}
<h2>Cohort</h2>
% if state in ("new", "rejected") and not has_cohort:
<p>The Galaxy group and role <code>training-${training.identifier}</code> are made at approval.</p>
% elif not has_cohort:
<p>It was never approved and has no Galaxy group or role.</p>
% else:
<p>Galaxy group and role <code>training-${training.identifier}</code>.</p>
${parts.members_table(training, members)}
% endif
<h2>History</h2>
<ol class="tiaas-timeline">
    % for event in history:
    <li class="tiaas-event-${event.to_state.value if event.to_state else 'other'}">
        <strong>${event.action.capitalize()}</strong> <span class="tiaas-help">${formats.done_by(event.username, event.via)}, ${formats.moment(event.time)}</span>
        ${parts.changes_of(event)}
        % if event.note:
        <blockquote class="tiaas-prose">${event.note}</blockquote>
        % endif
    </li>
    % endfor
</ol>
</div>
</div>
