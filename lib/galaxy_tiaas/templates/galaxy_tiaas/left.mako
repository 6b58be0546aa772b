<%inherit file="base.mako"/>
<%def name="title()">You have left ${membership.title}</%def>
<div class="tiaas-narrow">
    <h1>You have left “${membership.title}”</h1>
    <p>Your jobs go where they always go. To come back, use the link that your instructor gave you.</p>
    <div class="tiaas-actions">
        <a class="btn btn-primary" href="${url('/')}" target="_top">Go to Galaxy</a>
        <a class="btn btn-outline-primary" href="${url('/tiaas/trainings/')}">My trainings</a>
    </div>
</div>
