<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">You have joined ${training.title}</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
    <div class="tiaas-tick" aria-hidden="true">✓</div>
    <h1>You are in.</h1>
    <p class="lead">You have joined “${training.title}”.</p>
    % if membership.active:
    <p>From your next job on, you use the training's resources, until ${formats.moment(membership.closes)}.</p>
    % else:
    <p>Nothing more to do until ${formats.moment(membership.opens)}: from then on your jobs use the training's
    resources by themselves, until ${formats.moment(membership.closes)}.</p>
    % endif
    <p class="mb-0">On the dashboard you are</p>
    ${parts.person(membership)}
    <div class="tiaas-actions justify-content-center">
        <a class="btn btn-primary btn-lg" href="${url('/')}" target="_top">Go to Galaxy</a>
        <a class="btn btn-outline-primary btn-lg" href="${url(f'/join-training/{training.identifier}/status')}">See the dashboard</a>
    </div>
    <p><small><a href="${url(f'/join-training/{training.identifier}/leave')}">Leave this training</a></small></p>
</div>
