<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%namespace name="form" file="form.mako"/>
<%def name="title()">${"Error: " if errors else ""}Request a training</%def>
<%def name="here()">/tiaas/new/</%def>
<%def name="entry()">request</%def>
<div class="tiaas-request">
<h1>Request a training</h1>
% if origin:
<p>Filled in from <strong>${origin}</strong>. Choose the new days and look at the rest.</p>
% else:
<%include file="new_introduction.mako"/>
% endif
${form.summary()}
<form class="tiaas-form" method="post" action="${url('/tiaas/new/')}" novalidate data-once>
    ${parts.token_field(token)}
    ${form.fields(origin=origin, notice_days=None if actor.is_admin else config.late_request_prevention_days)}
    <div class="tiaas-actions"><button class="btn btn-primary" type="submit">Send the request</button>
    <span class="tiaas-help">You can change or withdraw it until it is decided.</span></div>
</form>
</div>
