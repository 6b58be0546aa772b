## Who needs help, for those who teach: a part of the dashboard.
<%page args="help, status, token"/>
<%namespace name="parts" file="parts.mako"/>
<%!
#: So many are shown at once; the others are one click away.
AT_ONCE = 6
HANDS_AT_ONCE = 10
%>
<%
training = f"/join-training/{help.identifier}/status"
api = f"/api/tiaas/trainings/{help.identifier}"
totals = [found.total for found in (help.hands, help.failed, help.waiting, help.silent, help.not_activated)]
nobody = not any(totals)
%>

<%def name="hidden_fields()">
${parts.token_field(token)}
<input type="hidden" name="hours" value="${help.hours}">
<input type="hidden" name="jobs" value="${help.shown.value}">
</%def>

<%def name="named(person)">${parts.person(person)}\
% if person.username:
 <span class="tiaas-needs-user">${person.username}</span>\
% endif
</%def>

<%def name="rest(found)">
% if found.total > len(found.people):
<p class="tiaas-needs-more">and ${f"{found.total - len(found.people):,}"} others</p>
% endif
</%def>

<%def name="card(kind, icon, title, found, row)">
% if found.total:
<section class="tiaas-need tiaas-need-${kind}" id="needs-${kind}" aria-labelledby="needs-${kind}-title">
    <h3 id="needs-${kind}-title"><span class="fas ${icon}" aria-hidden="true"></span> ${title} <span class="tiaas-need-total">${f"{found.total:,}"}</span></h3>
    <ul>
        % for person in found.people[:AT_ONCE]:
        <li id="${kind}-${person.pseudonym}">${named(person)} <span class="tiaas-needs-why">${row(person)}</span></li>
        % endfor
    </ul>
    % if len(found.people) > AT_ONCE:
    <details id="needs-${kind}-more"><summary>${f"{found.total - AT_ONCE:,}"} more</summary>
        <ul>
            % for person in found.people[AT_ONCE:]:
            <li id="${kind}-${person.pseudonym}">${named(person)} <span class="tiaas-needs-why">${row(person)}</span></li>
            % endfor
        </ul>
        ${rest(found)}
    </details>
    % endif
</section>
% endif
</%def>

<%def name="failed_row(person)">${person.tool_name}\
% if person.failures > 1:
, <strong>${f"{person.failures:,}"} in a row</strong>\
% endif
, ${formats.moment(person.failed_at, "short")}</%def>

<%def name="waiting_row(person)">${person.tool_name} ${"is paused" if person.state == "paused" else "waits"} since ${formats.moment(person.since, "short")}\
% if person.waiting > 1:
, ${f"{person.waiting:,}"} jobs\
% endif
</%def>

<%def name="silent_row(person)">since ${formats.moment(person.since, "short")}</%def>

<%def name="blocked_row(person)">cannot run tools</%def>

<%def name="raised(people)">
    <ul>
        % for person in people:
        <li id="hand-${person.pseudonym}"><span class="tiaas-hand-who">${named(person)}</span>
            <span class="tiaas-needs-why">since ${formats.moment(person.raised_at, "short")}</span>
            <form method="post" action="${url(f'{training}/lower')}" data-help="lower" data-api="${url(f'{api}/hands/{person.pseudonym}')}">
                ${hidden_fields()}
                <input type="hidden" name="pseudonym" value="${person.pseudonym}">
                <button class="btn btn-outline-primary btn-sm" type="submit" id="lower-${person.pseudonym}">Lower<span class="sr-only"> the hand of ${person.pseudonym}</span></button>
            </form>
        </li>
        % endfor
    </ul>
</%def>

<%def name="answers(kind, icon, words, found, everybody)">
<div class="tiaas-answer tiaas-answer-${kind}" id="answer-${kind}">
    ${parts.bar(100 * found.total // max(everybody, 1), "tiaas-answer-bar")}
    % if found.total:
    <details id="answer-${kind}-people"><summary><span class="fas ${icon}" aria-hidden="true"></span> <strong>${f"{found.total:,}"}</strong> ${words}</summary>
        <ul class="tiaas-answer-people">
            % for person in found.people:
            <li id="${kind}-${person.pseudonym}">${named(person)}</li>
            % endfor
        </ul>
        ${rest(found)}
    </details>
    % else:
    <p><span class="fas ${icon}" aria-hidden="true"></span> <strong>0</strong> ${words}</p>
    % endif
</div>
</%def>

<%def name="ask()">
<form method="post" action="${url(f'{training}/ask')}" data-help="ask" data-api="${url(f'{api}/question')}" class="tiaas-ask" id="ask">
    ${hidden_fields()}
    % if help.steps:
    <div><label for="ask-position">About</label>
        <select class="form-control" id="ask-position" name="position">
            <option value="">everything so far</option>
            % for step in help.steps:
            <option value="${step.position}">step ${step.position}: ${step.label}</option>
            % endfor
        </select></div>
    % endif
    <div class="tiaas-ask-text"><label for="ask-text">Ask the class</label>
        <input class="form-control" id="ask-text" name="text" maxlength="255" autocomplete="off" placeholder="${'Are you done with this step?' if help.steps else 'Are you done?'}"></div>
    <button class="btn btn-outline-primary" type="submit"><span class="fas fa-comment-dots" aria-hidden="true"></span> Ask</button>
</form>
</%def>

<section id="help" class="tiaas-needs" aria-labelledby="help-title">
<h2 id="help-title">Needs help</h2>
<p class="tiaas-error" id="help-trouble" role="alert" hidden></p>
% if help.hands.total:
<section class="tiaas-hands" id="hands" aria-labelledby="hands-title">
    <h3 id="hands-title"><span class="fas fa-hand-paper" aria-hidden="true"></span> ${"A hand is" if help.hands.total == 1 else f"{help.hands.total:,} hands are"} up</h3>
    ${raised(help.hands.people[:HANDS_AT_ONCE])}
    % if len(help.hands.people) > HANDS_AT_ONCE:
    <details id="hands-more"><summary>${f"{help.hands.total - HANDS_AT_ONCE:,}"} more</summary>
        ${raised(help.hands.people[HANDS_AT_ONCE:])}
        ${rest(help.hands)}
    </details>
    % endif
</section>
% endif
% if nobody:
<p class="tiaas-calm" id="help-nobody"><span class="fas fa-smile" aria-hidden="true"></span> Nobody needs help right now.</p>
% endif
<div class="tiaas-need-cards">
${card("failed", "fa-exclamation-triangle", "Last job failed", help.failed, failed_row)}
${card("waiting", "fa-hourglass-half", "Longest in the queue", help.waiting, waiting_row)}
${card("blocked", "fa-envelope", "Account not activated", help.not_activated, blocked_row)}
${card("silent", "fa-moon", "No job since joining", help.silent, silent_row)}
</div>
% if help.question:
<% asked = help.question
everybody = asked.done.total + asked.working.total + asked.none.total %>
<section class="tiaas-asked" id="asked" aria-labelledby="asked-title">
    <h3 id="asked-title">${asked.text}</h3>
    <div class="tiaas-answers">
        ${answers("done", "fa-check", "done", asked.done, everybody)}
        ${answers("working", "fa-pencil-alt", "still working", asked.working, everybody)}
        ${answers("none", "fa-question", "no answer", asked.none, everybody)}
    </div>
    <form method="post" action="${url(f'{training}/close')}" data-help="close" data-api="${url(f'{api}/question')}">
        ${hidden_fields()}
        <span class="tiaas-needs-why">asked ${formats.moment(asked.asked_at, "short")}</span>
        <button class="btn btn-outline-primary btn-sm" type="submit" id="close-question">Close the question</button>
    </form>
</section>
<details id="ask-another" class="tiaas-ask-another"><summary>Ask something else</summary>${ask()}</details>
% elif help.live:
${ask()}
% endif
</section>
