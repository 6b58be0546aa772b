<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">${"Leave" if membership.member else "You are not in"} ${membership.title}</%def>
<div class="tiaas-narrow">
% if membership.member:
    <h1>Leave “${membership.title}”?</h1>
    <p>Your jobs will no longer use the training's resources, and you disappear from its dashboard. Your histories stay
    yours. You can join again with the same link.</p>
    <form method="post" action="${url(f'/join-training/{membership.identifier}/leave')}" class="tiaas-actions">
        ${parts.token_field(token)}
        <button class="btn btn-outline-danger" type="submit">Leave</button>
        <a class="btn btn-outline-primary" href="${url('/tiaas/trainings/')}">Stay</a>
    </form>
% else:
    <h1>You are not in “${membership.title}”</h1>
    <p>There is nothing to leave.</p>
    <div class="tiaas-actions"><a class="btn btn-primary" href="${url('/tiaas/trainings/')}">My trainings</a></div>
% endif
</div>
