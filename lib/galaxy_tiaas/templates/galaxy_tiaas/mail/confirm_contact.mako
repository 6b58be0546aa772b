<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Confirm your e-mail address for ${config.owner}</%def>
<%def name="reason()">You get this message because this address was given to ${config.owner}. If it was not you who gave it, do nothing: nothing else will be sent to you.</%def>
<p>Somebody has asked ${config.owner} for a training, and gave this address for messages about it. Is that right?
Then follow the link within 14 days and confirm it:</p>
${parts.button("Confirm this address", link(confirm_path))}
<p>Until then, nothing is sent here.</p>
