<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Cancelled: ${training.title}</%def>
<p>Hello,</p>
<p>your training <strong>${training.title}</strong> (${days}) was cancelled. Its link does not work any more, and those
who had joined are told.</p>
${parts.noted(note, "The reason that was given:")}
<p>To have it on other days, request it again; the form is filled in already:</p>
${parts.button("Request it again", link(f"/tiaas/new/?clone={training.identifier}"))}
