<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">You are in: ${training.title}</%def>
<%def name="entry()">join</%def>
<%def name="heading()">${"You are in already." if again else "You are in."}</%def>
<%
teaches = training.instructors is not None
shows_dashboard = teaches or config.status_visibility != "instructors"
%>
<div class="tiaas-narrow tiaas-join mx-auto">
    <div class="tiaas-sign tiaas-sign-good"><span class="fas fa-check" aria-hidden="true"></span></div>
    <h1>${heading()}</h1>
    <p class="lead">${training.title}</p>
    <dl class="tiaas-queue">
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
        <span class="tiaas-person" style="background: ${membership.colour}"><span class="fas ${formats.shape_icon(membership.shape)}" aria-hidden="true"></span>${membership.pseudonym}</span>
        % if not config.expose_username:
        <small>Nobody sees your real name there.</small>
        % endif
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
    <%include file="joined_note.mako"/>
    <ul class="tiaas-links tiaas-quiet">
        % if shows_dashboard:
        <li><a href="${url(f'/join-training/{training.identifier}/status')}">See the dashboard</a></li>
        % endif
        % if teaches:
        <li><a href="${url(f'/tiaas/trainings/{training.identifier}')}">Your training</a></li>
        % endif
        <li><a href="${url(f'/join-training/{training.identifier}/leave')}">Leave this training</a></li>
    </ul>
</div>
