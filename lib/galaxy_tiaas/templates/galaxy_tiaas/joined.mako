<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">You are in: ${training.title}</%def>
<%def name="entry()">join</%def>
<%def name="heading()">${"You are already in." if again else "You are in."}</%def>
<%
shows_dashboard = teaches or config.status_visibility != "instructors"
%>

<%def name="asked()">
<% question = place.question %>
<div aria-live="polite">
<form method="post" action="${url(f'/join-training/{training.identifier}/answer')}" id="question" class="tiaas-question" ${"" if question else "hidden"}>
    ${parts.token_field(token)}
    ## "off", because Firefox would bring an earlier question back after a reload.
    <input type="hidden" name="question" value="${question.id if question else ''}" autocomplete="off">
    <h2>Your instructor asks</h2>
    <p id="question-text">${question.text if question else ""}</p>
    <div class="tiaas-answers">
        % for value, words in (("true", "Done"), ("false", "Still working")):
        <% given = question is not None and question.done is not None and question.done == (value == "true") %>
        <button class="btn btn-outline-primary" type="submit" name="done" value="${value}" aria-pressed="${'true' if given else 'false'}"><span class="fas fa-check" aria-hidden="true"></span> ${words}</button>
        % endfor
    </div>
</form>
</div>
</%def>

<%def name="hand()">
<% up = place.hand_raised_at is not None %>
<form method="post" action="${url(f'/join-training/{training.identifier}/hand')}" id="hand" class="tiaas-hand" ${"" if up or teaches or membership.active else "hidden"}>
    ${parts.token_field(token)}
    <button class="btn btn-outline-primary btn-lg" type="submit" name="raised" value="${'false' if up else 'true'}" aria-describedby="hand-help"><span class="fas fa-hand-paper" aria-hidden="true"></span>
        <span id="hand-down" ${"hidden" if up else ""}>I need help</span>
        <span id="hand-up" ${"" if up else "hidden"}>Your hand is up since ${formats.moment(place.hand_raised_at or now, "short")} – lower it</span></button>
    <small id="hand-help">Your instructor sees your raised hand, and the name above. Keep this page open, for questions of your
    instructor appear here; <em>Trainings</em> (the graduation cap in Galaxy) brings you back.</small>
</form>
</%def>

<div class="tiaas-narrow tiaas-join mx-auto" id="classroom" data-training="${url(f'/api/tiaas/trainings/{training.identifier}')}" data-seconds="${seconds}">
    <div class="tiaas-sign tiaas-sign-good"><span class="fas fa-check" aria-hidden="true"></span></div>
    <h1>${heading()}</h1>
    <p class="lead">${training.title}<br><small>${formats.days(training.start, training.end)}</small></p>
    ${asked()}
    % if place.note:
    <dl class="tiaas-queue tiaas-activate" id="activate">
        <dt><span class="fas fa-envelope" aria-hidden="true"></span> Activate your account first</dt>
        <dd>${parts.how_to_activate(actor)}</dd>
        <dd>Your fast queue is there for you then, ${"" if membership.active else f"from {formats.spoken(membership.opens, training.timezone)} "}until
        <strong>${formats.spoken(membership.closes, training.timezone)}</strong>.</dd>
    </dl>
    % endif
    <dl class="tiaas-queue" id="queue" ${"hidden" if place.note else ""}>
        % if membership.active:
        <dt><span class="fas fa-bolt" aria-hidden="true"></span> Your fast queue is open</dt>
        <dd>It closes <strong>${formats.spoken(membership.closes, training.timezone)}</strong>, ${formats.time_until(membership.closes, now)}.</dd>
        % else:
        <dt><span class="fas fa-clock" aria-hidden="true"></span> Your fast queue opens later</dt>
        <dd>It opens <strong>${formats.spoken(membership.opens, training.timezone)}</strong>, ${formats.time_until(membership.opens, now)},
        and closes ${formats.spoken(membership.closes, training.timezone)}.</dd>
        % if teaches:
        <dd>You teach this training and are early: your class sees this page too. Until the queue opens,
        your jobs go where all jobs go.</dd>
        % else:
        <dd>There is nothing more to do. Until then your jobs run as always.</dd>
        % endif
        % endif
    </dl>
    <p class="tiaas-you">
        <span>On the dashboard you are</span>
        ${parts.person(membership)}
        % if not config.expose_username and config.instructors_see_usernames:
        <small>Only your instructors see your user name beside it.</small>
        % elif not config.expose_username:
        <small>Your classmates see only this name.</small>
        % endif
        <small id="course-only" ${"" if place.course_only else "hidden"}>It shows only what you do for the course: jobs in histories
        tagged <code>#${training.identifier}</code> or shared with your instructor.</small>
    </p>
    % if tutorials:
    <a class="btn btn-primary btn-lg" href="${tutorials[0]}" target="_blank" rel="noopener noreferrer">Open the tutorial</a>
    % if tutorials[1:]:
    <p class="tiaas-more">More materials:</p>
    <ul class="tiaas-materials">
        % for address in tutorials[1:]:
        <li><a href="${address}" target="_blank" rel="noopener noreferrer">${links.link_text(address)}</a></li>
        % endfor
    </ul>
    % endif
    <a class="btn btn-link" href="${url('/')}" target="_top">Go to Galaxy</a>
    % else:
    <a class="btn btn-primary btn-lg" href="${url('/')}" target="_top">Go to Galaxy</a>
    % endif
    ${hand()}
    <p id="trouble" class="tiaas-error" role="alert" hidden></p>
    <%include file="joined_note.mako"/>
    <ul class="tiaas-links tiaas-quiet">
        % if shows_dashboard:
        <li ${'' if teaches else 'id="until-the-end"' | n}><a href="${url(f'/join-training/{training.identifier}/status')}">See the dashboard</a></li>
        % endif
        % if teaches:
        <li><a href="${url(f'/tiaas/trainings/{training.identifier}')}">Your training</a></li>
        % endif
        <li><a href="${url(f'/join-training/{training.identifier}/leave')}">Leave this training</a></li>
    </ul>
</div>
