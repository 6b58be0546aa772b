<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${"Error: " if problem else ""}My trainings</%def>
<%def name="here()">/tiaas/trainings/</%def>
<%def name="entry()">mine</%def>
<%!
from galaxy_tiaas.core.times import today_in

def group_of(view):
    """The heading under which a training that still matters is found."""
    decided = {"new": "Waiting for a decision", "rejected": "Not approved"}.get(view.state.value)
    return decided or ("Running now" if view.phase.value == "ongoing" else "Upcoming")


HEADINGS = ("Running now", "Upcoming", "Waiting for a decision", "Not approved")
%>

<%def name="card(own)">
<%
training = own.view
page = url(f'/tiaas/trainings/{training.identifier}')
approved, over = training.state.value == "approved", training.phase.value == "finished"
%>
<li class="tiaas-own tiaas-own-${'over' if over else 'running' if approved and training.phase.value == 'ongoing' else training.state.value}">
    <div class="tiaas-own-what">
        <h3>
        % if own.teaches:
        <a href="${page}">${training.title}</a>
        % elif approved and not over:
        <a href="${url(f'/join-training/{training.identifier}')}">${training.title}</a>
        % else:
        ${training.title}
        % endif
        </h3>
        <p>
            % if own.teaches:
            <span class="tiaas-role tiaas-role-teaches"><span class="fas fa-chalkboard-teacher" aria-hidden="true"></span> you teach</span>
            % endif
            % if own.joined:
            <span class="tiaas-role"><span class="fas fa-user-check" aria-hidden="true"></span> you joined</span>
            % endif
            % if own.shown_as:
            <span>as ${parts.person(own.shown_as)}</span>
            % endif
            <span>${formats.days(training.start, training.end)}\
% if approved and training.phase.value == "upcoming":
, ${formats.until(training.start, today_in(training.timezone, now))}\
% endif
</span>
            % if own.teaches and approved:
            <span>${f"{training.members:,}"} joined, ${f"{training.attendance:,}"} expected</span>
            % endif
            <code>${training.identifier}</code>
        </p>
        % if own.teaches and training.requested_change:
        <p><span class="tiaas-state tiaas-state-new">a change waits for an administrator</span></p>
        % endif
    </div>
    <ul class="tiaas-links">
        % if approved and (own.teaches or actor.is_admin or not over and config.status_visibility != "instructors"):
        <li><a href="${url(f'/join-training/{training.identifier}/status')}">Dashboard<span class="sr-only"> of ${training.title}</span></a></li>
        % endif
        % if approved and not over and own.joined:
        <li><a href="${url(f'/join-training/{training.identifier}')}">Your place<span class="sr-only"> in ${training.title}</span></a></li>
        <li><a href="${url(f'/join-training/{training.identifier}/leave')}">Leave<span class="sr-only"> ${training.title}</span></a></li>
        % endif
        % if approved and not over and not own.joined:
        <li><a href="${url(f'/join-training/{training.identifier}')}">Join yourself<span class="sr-only">: ${training.title}</span></a></li>
        % endif
        % if own.teaches and training.state.value == "new":
        <li><a href="${page}/edit">Change<span class="sr-only"> ${training.title}</span></a></li>
        % endif
        % if own.teaches and (over or training.state.value in ("rejected", "cancelled")):
        <li><a href="${url(f'/tiaas/new/?clone={training.identifier}')}">Request again<span class="sr-only">: ${training.title}</span></a></li>
        % endif
    </ul>
    % if not approved:
    <div class="tiaas-own-state">${parts.state(training)}</div>
    % endif
</li>
</%def>

<%def name="invitation(invited)">
<li class="tiaas-own tiaas-own-new">
    <div class="tiaas-own-what">
        <h3>${invited.title}</h3>
        <p><span>${invited.invited_by or "An administrator"} asks you to teach with them</span>
            <span>${formats.days(invited.start, invited.end)}</span>
            <code>${invited.identifier}</code></p>
        <p class="tiaas-help"><span>If you accept, you see and may change everything about it. You can answer until ${formats.moment(invited.expires_at, "day")}.</span></p>
    </div>
    <form method="post" action="${url(f'/tiaas/trainings/{invited.identifier}/invitation')}" class="tiaas-actions">
        ${parts.token_field(token)}
        <button class="btn btn-primary" type="submit" name="answer" value="accept">Accept<span class="sr-only">: ${invited.title}</span></button>
        <button class="btn btn-outline-primary" type="submit" name="answer" value="decline">Decline<span class="sr-only">: ${invited.title}</span></button>
    </form>
</li>
</%def>

<h1>My trainings</h1>
% if done:
<div class="alert alert-success" role="status">${done}</div>
% endif
% if invitations:
<h2>Invitations</h2>
<ul class="tiaas-own-list">
    % for invited in invitations:
    ${invitation(invited)}
    % endfor
</ul>
% endif
<div class="tiaas-own-top">
<form method="post" action="${url('/tiaas/trainings/')}" class="tiaas-join-box" novalidate>
    <label for="identifier">Join a training</label>
    <div class="tiaas-help" id="identifier-help">Enter the identifier, or paste the link from your instructor.</div>
    <div class="tiaas-inline">
        <input class="form-control" id="identifier" name="identifier" value="${typed}" required maxlength="500" autocapitalize="none" autocomplete="off" spellcheck="false"
            aria-describedby="identifier-help${' identifier-error' if problem else ''}" ${'aria-invalid="true" autofocus' if problem else "" | n}>
        <button class="btn btn-primary" type="submit">Join</button>
    </div>
    % if problem:
    <div class="tiaas-error" id="identifier-error" role="alert">${problem}</div>
    % endif
</form>
<p class="tiaas-own-request"><a class="btn btn-outline-primary" href="${url('/tiaas/new/')}"><span class="fas fa-plus" aria-hidden="true"></span> Request a training</a></p>
</div>
% for heading in HEADINGS:
<% found = [own for own in trainings.current if group_of(own.view) == heading] %>
% if found:
<h2>${heading}</h2>
<ul class="tiaas-own-list">
    % for own in found:
    ${card(own)}
    % endfor
</ul>
% endif
% endfor
% if trainings.current.total > len(trainings.current):
<p>${trainings.current.total - len(trainings.current)} more are further ahead.</p>
% endif
% if trainings.past.total:
<details class="tiaas-past" ${"open" if trainings.past.number > 1 or not trainings.current else ""}>
    <summary><h2>Past <span class="tiaas-help">${f"{trainings.past.total:,}"}</span></h2></summary>
    <ul class="tiaas-own-list">
        % for own in trainings.past:
        ${card(own)}
        % endfor
    </ul>
    ${parts.page_links(trainings.past, lambda number: url(f"/tiaas/trainings/?page={number}"), label="Pages of past trainings")}
</details>
% endif
% if not trainings.current and not trainings.past.total and not invitations:
<div class="tiaas-empty">
    <p><strong>Nothing here yet.</strong></p>
    <ul>
        <li><strong>Taking part in a course?</strong> Your instructor gives you a link. Open it, or paste it into the box above.</li>
        <li><strong>Teaching a course?</strong> <a href="${url('/tiaas/new/')}">Request a training</a>, and your class gets resources of its own.</li>
    </ul>
</div>
% endif
