<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">You have joined ${training.title}</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
    <div class="tiaas-tick" aria-hidden="true">✓</div>
    <h1>You are in.</h1>
    <p class="lead">You have joined “${training.title}”.</p>
    % if membership.active:
    <p>From your next job on, you use the fast queue of this training, until <strong>${formats.moment(membership.closes)}</strong>.</p>
    % else:
    <p>The fast queue of this training opens on <strong>${formats.moment(membership.opens)}</strong> and closes on
    <strong>${formats.moment(membership.closes)}</strong>. You need not do anything more.</p>
    % endif
    <div class="tiaas-you">
        <span>On the dashboard${"" if config.expose_username else ", where nobody sees your name,"} you are</span>
        ${parts.person(membership)}
    </div>
    <a class="btn btn-primary btn-lg" href="${url('/')}" target="_top">Go to Galaxy</a>
    <ul class="tiaas-links tiaas-quiet">
        % if actor.is_admin or config.status_visibility != "instructors":
        <li><a href="${url(f'/join-training/{training.identifier}/status')}">See the dashboard</a></li>
        % endif
        <li><a href="${url(f'/join-training/{training.identifier}/leave')}">Leave this training</a></li>
    </ul>
</div>
