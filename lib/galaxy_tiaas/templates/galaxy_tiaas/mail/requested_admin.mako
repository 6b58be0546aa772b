<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Training requested: ${training.title}</%def>
<%def name="reason()">You get this message because you decide about trainings on ${config.owner}.</%def>
<p>${training.name or "Somebody"} asks for resources for a training:</p>
${parts.in_short(training)}
<p>Look at the request, and approve or reject it:</p>
${parts.button("Review the request", review_url)}
