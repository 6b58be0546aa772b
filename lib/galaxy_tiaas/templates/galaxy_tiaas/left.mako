<%inherit file="base.mako"/>
<%def name="title()">You have left ${membership.title}</%def>
<%def name="entry()">join</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
    <div class="tiaas-sign"><span class="fas fa-check" aria-hidden="true"></span></div>
    <h1>You have left “${membership.title}”</h1>
    <p>Your jobs go where all jobs go. Your histories stay yours. The link of your class lets you in again.</p>
    <a class="btn btn-primary btn-lg" href="${url('/')}" target="_top">Go to Galaxy</a>
    <ul class="tiaas-links tiaas-quiet"><li><a href="${url('/tiaas/trainings/')}">My trainings</a></li></ul>
</div>
