<%inherit file="base.mako"/>
<%def name="title()">${"Error: " if errors else ""}Extend ${training.title}</%def>
<% alive = training.state.value in ("new", "approved") %>
<div class="tiaas-narrow">
<h1>Extend “${training.title}”</h1>
% if alive and training.phase.value != "finished":
<%include file="extend.mako" args="training=training, token=token, errors=errors, end=end"/>
% else:
<p>The training is ${"over" if alive else formats.training_state(training.state)} and cannot be extended.
<a href="${url(f'/tiaas/new/?clone={training.identifier}')}">Request it again</a> instead.</p>
% endif
<p class="mt-3"><a href="${url(f'/tiaas/trainings/{training.identifier}')}">Back to the training</a></p>
</div>
