<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">It takes place after all: ${training.title}</%def>
<%def name="reason()">You get this message because you joined this training on ${config.owner}.</%def>
<p>The training <strong>${training.title}</strong>, which you have joined, takes place after all: ${days}. You are still in
it and do not need to do anything.</p>
${parts.button("Open the training", join_url)}
