<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">We have your request: ${training.title}</%def>
<%def name="reason()">You get this message because you asked ${config.owner} for a training.</%def>
<p>Thank you, your request has arrived:</p>
${parts.in_short(training)}
<p>An administrator will decide about it, and we will tell you as soon as they have. Until then you can change
everything:</p>
${parts.button("See or change the request", training_url)}
