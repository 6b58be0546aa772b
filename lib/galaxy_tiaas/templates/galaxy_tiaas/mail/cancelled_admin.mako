<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Cancelled by its instructor: ${training.title}</%def>
<%def name="reason()">You get this message because you decide about trainings on ${config.owner}.</%def>
<p>An instructor has cancelled this training:</p>
${parts.in_short(training)}
${parts.noted(note, "The reason that was given:")}
<p>You do not need to do anything. Resources that you set aside for it are free again.</p>
${parts.button("Open the training", review_url)}
