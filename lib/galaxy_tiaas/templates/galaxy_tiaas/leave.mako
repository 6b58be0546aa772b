<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${"Leave" if membership.member else "You are not in"} ${membership.title}</%def>
<%def name="entry()">join</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
% if membership.member:
    <div class="tiaas-sign"><span class="fas fa-sign-out-alt" aria-hidden="true"></span></div>
    <h1>Leave “${membership.title}”?</h1>
    <p>Your jobs will no longer use the training's resources, and you disappear from its dashboard.
    Your histories stay yours. The same link lets you in again.</p>
    <form method="post" action="${url(f'/join-training/{membership.identifier}/leave')}" class="tiaas-actions">
        ${parts.token_field(token)}
        <a class="btn btn-primary" href="${url('/tiaas/trainings/')}">Stay</a>
        <button class="btn btn-outline-danger" type="submit">Leave</button>
    </form>
% else:
    <h1>You are not in “${membership.title}”</h1>
    <p>There is nothing to leave.</p>
    <a class="btn btn-primary btn-lg" href="${url('/tiaas/trainings/')}">My trainings</a>
% endif
</div>
