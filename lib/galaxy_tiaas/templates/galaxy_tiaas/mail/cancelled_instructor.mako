<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Cancelled: ${training.title}</%def>
<p>Your training <strong>${training.title}</strong> (${days}) was cancelled.\
% if training.group_id:
 Its link does not work any more, and those who had joined are told.\
% endif
</p>
${parts.noted(note, "The reason that was given:")}
<p>To have it on other days, request it again; the form is filled in already:</p>
${parts.button("Request it again", link(f"/tiaas/new/?clone={training.identifier}"))}
