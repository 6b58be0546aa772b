<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Does not take place: ${training.title}</%def>
<%def name="reason()">You get this message because you joined this training on ${config.owner}.</%def>
<p>The training <strong>${training.title}</strong> (${days}), which you have joined, does not take place. Your Galaxy account
and everything in it stay as they are.</p>
<p>Your instructor knows more. Perhaps another training suits you:</p>
${parts.button("See the calendar", link("/tiaas/calendar/"))}
