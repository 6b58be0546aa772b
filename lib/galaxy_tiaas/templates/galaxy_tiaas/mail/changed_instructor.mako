<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Changed: ${training.title}</%def>
<p>Somebody has changed this in your training <strong>${training.title}</strong>:</p>
${parts.listed(changes)}
% if training.state == "approved":
<p>It takes place on ${days}. The link for your class is <a href="${join_url}">${join_url}</a></p>
% endif
${parts.button("Open the training", training_url)}
