<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%namespace name="ending" file="end_early.mako"/>
<%def name="title()">${"Error: " if errors else ""}${training.title}</%def>
<%def name="entry()">training</%def>
<%
state, phase = training.state.value, training.phase.value
alive = state in ("new", "approved")
running = state == "approved" and phase == "ongoing"
shares = alive and phase != "finished"
here = url(f'/tiaas/trainings/{training.identifier}')
over = state == "approved" and phase == "finished"
decision = next((event for event in reversed(history) if event.to_state and event.to_state.value != "new"), None)
ending_early = next((event for event in reversed(history) if training.ended_at and event.action == "ended early"), None)
%>
<h1>${training.title}</h1>
${parts.subtitle(training)}
% if sent:
<%include file="next_steps.mako" args="training=training"/>
% elif saved:
<div class="alert alert-success" role="status">${saved}</div>
% endif
% if not sent:
<p class="tiaas-next">${whats_next()}</p>
% endif
% if decision and decision.note:
<div class="alert ${'alert-warning' if state == 'rejected' else 'alert-secondary'}">
    <strong>${formats.training_state(decision.to_state).capitalize()}${f" by {decision.username}" if decision.username else ""}:</strong>
    <span class="tiaas-prose">${decision.note}</span>
</div>
% endif
% if ending_early and ending_early.note:
<div class="alert alert-secondary">
    <strong>Ended early${f" by {ending_early.username}" if ending_early.username else ""}:</strong>
    <span class="tiaas-prose">${ending_early.note}</span>
</div>
% endif
% if contact and alive and not over:
<div class="alert alert-warning">
    ${parts.contact_note(contact)}
    % if contact.can_ask and not contact.link_valid_until:
    <form method="post" action="${here}/contact" class="mt-2">
        ${parts.token_field(token)}
        <button class="btn btn-sm btn-outline-primary" type="submit">Send a link</button>
    </form>
    % endif
</div>
% endif
% if training.requested_change:
<div class="alert alert-info" role="status"><strong>A change waits for an administrator:</strong>
${parts.requested_change(training)}
    <form method="post" action="${here}/take-back">
        ${parts.token_field(token)}
        <button class="btn btn-sm btn-outline-primary" type="submit">Take it back</button>
    </form>
</div>
% endif
<div class="tiaas-actions">
    % if state == "approved":
    <a class="btn ${'btn-outline-primary' if phase == 'upcoming' else 'btn-primary'}" href="${url(f'/join-training/{training.identifier}/status')}"><span class="fas fa-chart-bar" aria-hidden="true"></span> Open the dashboard</a>
    % endif
    % if shares:
    <a class="btn btn-outline-primary" href="${here}/dashboard"><span class="fas fa-tasks" aria-hidden="true"></span> Set up the dashboard</a>
    % endif
    <a class="btn btn-outline-primary" href="${here}/edit"><span class="fas fa-pen" aria-hidden="true"></span> Change</a>
    % if state != "new":
    <a class="btn btn-outline-primary" href="${url(f'/tiaas/new/?clone={training.identifier}')}"><span class="fas fa-clone" aria-hidden="true"></span> Request again</a>
    % endif
    % if actor.is_admin:
    <a class="btn btn-outline-primary" href="${url(f'/tiaas/admin/trainings/{training.identifier}')}"><span class="fas fa-gavel" aria-hidden="true"></span> Review</a>
    % endif
</div>
% if shares:
<section class="tiaas-sharing" aria-labelledby="share">
    <div>
        <h2 id="share">Share it with your class</h2>
        % if state == "new":
        <p class="mb-2">Once approved, anyone who opens this link while logged in joins.</p>
        % else:
        <p class="mb-2">Anyone who opens this link while logged in joins.</p>
        % endif
        <p class="tiaas-link"><a id="join-link" href="${training.join_url}" target="_blank">${training.join_url}</a></p>
        <div class="tiaas-actions">
            <button class="btn btn-primary" type="button" data-copies="join-link" hidden><span class="fas fa-copy" aria-hidden="true"></span> Copy the link</button>
            <a class="btn btn-outline-primary" href="${here}/slide" target="_blank"><span class="fas fa-tv" aria-hidden="true"></span> Show as a slide</a>
            <a class="btn btn-outline-primary" href="${here}/qr.svg" download><span class="fas fa-qrcode" aria-hidden="true"></span> Download the QR code</a>
        </div>
        <p class="tiaas-copied" aria-live="polite"></p>
    </div>
    <figure class="tiaas-qr">${qr_code | n}<figcaption class="sr-only">QR code of the link</figcaption></figure>
</section>
% endif
% if state == "approved":
<h2>${"Joined" if over else "Joined so far"}</h2>
<% share = min(100, round(100 * training.members / training.attendance)) %>
<div class="tiaas-joined">
    <p><strong>${f"{training.members:,}"}</strong> joined, ${f"{training.attendance:,}"} expected</p>
    ${parts.bar(share, "tiaas-seats")}
</div>
${parts.members_table(training, members)}
% endif
<h2 id="instructors">Instructors</h2>
% if people:
<ul class="tiaas-teachers">
    % for person in people:
    <li>
        <span><strong>${person.name}</strong>\
% if person.email:
 <a href="mailto:${person.email}">${person.email}</a>\
% endif
% if person.requester:
 – asked for the training\
% endif
</span>
        % if not person.requester and alive:
        <form method="post" action="${here}/instructors">
            ${parts.token_field(token)}
            <input type="hidden" name="remove" value="${person.id}">
            <button class="btn btn-sm btn-outline-primary" type="submit">Remove<span class="sr-only"> ${person.name}</span></button>
        </form>
        % endif
    </li>
    % endfor
</ul>
% else:
<p>Names have been removed.</p>
% endif
% if invited:
<h3 class="h4">Invited, waiting for an answer</h3>
<ul class="tiaas-teachers">
    % for each in invited:
    <li>
        <span><strong>${each.typed}</strong> ${parts.whom(each)} until ${formats.moment(each.expires, "day")}</span>
        % if alive:
        <form method="post" action="${here}/instructors">
            ${parts.token_field(token)}
            <input type="hidden" name="uninvite" value="${each.typed}">
            <button class="btn btn-sm btn-outline-primary" type="submit">Withdraw<span class="sr-only"> the invitation to ${each.typed}</span></button>
        </form>
        % endif
    </li>
    % endfor
</ul>
% endif
% if shares:
<form method="post" action="${here}/instructors" class="tiaas-add">
    ${parts.token_field(token)}
    <label for="add-instructors">Invite somebody to teach with you</label>
    <div class="tiaas-help" id="add-instructors-help">Public names or e-mail addresses of accounts on this Galaxy, separated by
    commas. Whoever accepts, on <em>My trainings</em>, sees and may do here what you see and may do. You are not told whether
    there is such an account.</div>
    % if "instructors" in errors:
    <div class="tiaas-error" id="add-instructors-error" role="alert">${errors["instructors"]}</div>
    % endif
    <div class="tiaas-inline">
        <input class="form-control" id="add-instructors" name="instructors" value="${instructors}" required autocapitalize="none" autocomplete="off" spellcheck="false"
            aria-describedby="add-instructors-help${' add-instructors-error' if 'instructors' in errors else ''}" ${'aria-invalid="true" autofocus' if 'instructors' in errors else "" | n}>
        <button class="btn btn-outline-primary" type="submit">Invite</button>
    </div>
</form>
% endif
<h2>The training</h2>
${parts.facts(training)}
<h2>More</h2>
% if shares:
<details>
    <summary>Extend: more days</summary>
    <%include file="extend.mako" args="training=training, token=token"/>
</details>
% endif
${ending.end_early(training, token, f"{here}/end")}
<details>
    <summary>History: who did what, and when</summary>
    ${parts.history_table(history)}
</details>
% if alive and not over:
<details>
    <summary>Withdraw: the course does not take place</summary>
    <form method="post" class="tiaas-medium" action="${here}/withdraw">
        ${parts.token_field(token)}
        <p>Withdrawing frees the training's resources for others. It cannot be undone.</p>
        <div class="tiaas-field"><label for="note">A word to the administrators</label>
        <span class="tiaas-help">(optional)</span>
        <input class="form-control" id="note" name="note"></div>
        <button class="btn btn-outline-danger" type="submit">Withdraw this training</button>
    </form>
</details>
% endif
<%def name="whats_next()">\
% if training.state.value == "new":
<span class="fas fa-hourglass-half" aria-hidden="true"></span> An administrator has to approve the request; the link works from then on.\
% elif training.state.value == "rejected":
<span class="fas fa-ban" aria-hidden="true"></span> The administrators did not approve this request\
% if contact_email:
; write to <a href="mailto:${contact_email}">${contact_email}</a> if you want to talk about it\
% endif
.\
% elif training.state.value == "cancelled":
<span class="fas fa-ban" aria-hidden="true"></span> This training was withdrawn and does not take place.\
% elif training.phase.value == "finished":
<span class="fas fa-flag-checkered" aria-hidden="true"></span> The training \
% if training.ended_at:
ended early, on ${formats.moment(training.ended_at, "day")}\
% else:
is over\
% endif
: the resources have gone back, histories stay with their owners, and there is nothing left to do.\
% if training.ended_at and not actor.is_admin:
 Was it too early? An administrator can let it go on.\
% endif
% elif training.phase.value == "ongoing":
<span class="fas fa-bolt" aria-hidden="true"></span> It is running: the jobs of your class use the training's resources until <strong>${formats.spoken(training.closes, training.timezone)}</strong>.\
% elif config.join_before_start:
<span class="fas fa-calendar-check" aria-hidden="true"></span> Approved: share the link, everybody can join from now on. Their jobs use the training's resources from <strong>${formats.spoken(training.opens, training.timezone)}</strong>, ${formats.time_until(training.opens, now)}.\
% else:
<span class="fas fa-calendar-check" aria-hidden="true"></span> Approved: the link lets your class in from <strong>${formats.spoken(training.opens, training.timezone)}</strong>, ${formats.time_until(training.opens, now)}; you can try it now.\
% endif
</%def>
