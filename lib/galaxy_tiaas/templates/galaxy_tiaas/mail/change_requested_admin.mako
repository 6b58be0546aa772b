<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Change requested: ${training.title}</%def>
<%def name="reason()">You get this message because you decide about trainings on ${config.owner}.</%def>
<p>An instructor wants this changed in the approved training <strong>${training.title}</strong> (${days}):</p>
${parts.listed(changes)}
<p>Until you decide, everything stays as it is.</p>
${parts.button("Accept or decline", review_url)}
