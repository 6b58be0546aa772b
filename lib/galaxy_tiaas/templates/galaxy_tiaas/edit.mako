<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%namespace name="form" file="form.mako"/>
<%def name="title()">${"Error: " if errors else ""}Change ${training.title}</%def>
<div class="tiaas-medium">
<h1>Change “${training.title}”</h1>
% if training.state.value == "approved" and not actor.is_admin:
<p>The training is approved. Texts change at once; another identifier, other days or another number of people wait until
an administrator has agreed.</p>
% endif
${form.summary()}
<form class="tiaas-form" method="post" action="${url(f'/tiaas/trainings/{training.identifier}/edit')}" novalidate>
    ${parts.token_field(token)}
    ${form.fields()}
    % if actor.is_admin:
    <fieldset>
        <legend>Jobs</legend>
        ${parts.destination_field(destinations, values.get("destination"))}
    </fieldset>
    % endif
    <div class="tiaas-actions">
        <button class="btn btn-primary" type="submit">Save</button>
        <a class="btn btn-outline-primary" href="${url(f'/tiaas/trainings/{training.identifier}')}">Back without saving</a>
    </div>
</form>
</div>
