<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%namespace name="form" file="form.mako"/>
<%def name="title()">${"Error: " if errors else ""}Request a training</%def>
<%def name="here()">/tiaas/new/</%def>
<div class="tiaas-medium">
<h1>Request a training</h1>
<%include file="new_introduction.mako"/>
${form.summary()}
<form class="tiaas-form" method="post" action="${url('/tiaas/new/')}" novalidate>
    ${parts.token_field(token)}
    ${form.fields()}
    <div class="tiaas-actions"><button class="btn btn-primary" type="submit">Send the request</button></div>
</form>
</div>
