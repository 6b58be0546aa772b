<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%namespace name="form" file="form.mako"/>
<%def name="title()">${"Error: " if errors or differences else ""}Change ${training.title}</%def>
<%def name="entry()">request</%def>
<div class="tiaas-request">
<h1>Change “${training.title}”</h1>
% if reviewed and training.state.value == "approved":
<div class="alert alert-info">The training is approved. Texts change at once. The fields marked
<span class="tiaas-reviewed"><span class="fas fa-user-clock" aria-hidden="true"></span> needs approval</span>
change when an administrator has agreed; until then everything stays as it is.
% if training.requested_change:
<p class="mt-2 mb-0">Waiting already:</p>
${parts.requested_change(training)}
% endif
</div>
% elif reviewed:
<div class="alert alert-secondary">The training is ${formats.training_state(training.state)}: only its texts can be changed.
<a href="${url(f'/tiaas/new/?clone={training.identifier}')}">Request it again</a> for other days or another number of people.</div>
% endif
${form.summary()}
<form class="tiaas-form" method="post" action="${url(f'/tiaas/trainings/{training.identifier}/edit')}" novalidate data-once>
    ${parts.token_field(token)}
    ${parts.version_field(version)}
    ${form.fields(except_for=training.identifier, notice_days=config.late_request_prevention_days if training.state.value == "new" and not actor.is_admin else None)}
    % if actor.is_admin:
    <fieldset>
        <legend>Jobs</legend>
        ${parts.destination_field(destinations, values.get("destination"))}
        ${form.difference("destination")}
    </fieldset>
    % endif
    <div class="tiaas-actions">
        <button class="btn btn-primary" type="submit">Save</button>
        <a class="btn btn-outline-primary" href="${url(f'/tiaas/trainings/{training.identifier}')}">Back without saving</a>
    </div>
</form>
</div>
