<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">${who} teaches with you: ${training.title}</%def>
<p>${who} has accepted the invitation to teach <strong>${training.title}</strong> (${days}), and can now see and change
everything about it.</p>
${parts.button("Open the training", training_url)}
