<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Change accepted: ${training.title}</%def>
<p>The change that was requested for your training <strong>${training.title}</strong> is accepted:</p>
${parts.listed(changes)}
${parts.noted(note, "The administrators add:")}
<p>It takes place on ${days}. The link for your class is <a href="${join_url}">${join_url}</a></p>
${parts.button("Open the training", training_url)}
