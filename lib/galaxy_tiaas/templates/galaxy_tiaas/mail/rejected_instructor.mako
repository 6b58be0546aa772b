<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Not approved: ${training.title}</%def>
<p>Your training <strong>${training.title}</strong> (${days}) could not be approved.</p>
${parts.noted(note, "The administrators write:")}
<p>\
% if contact_email:
If you think that it should be possible in another way, write to <a href="mailto:${contact_email}">${contact_email}</a>. \
% endif
For other days, or fewer people, request it again; the form is filled in already:</p>
${parts.button("Request it again", link(f"/tiaas/new/?clone={training.identifier}"))}
