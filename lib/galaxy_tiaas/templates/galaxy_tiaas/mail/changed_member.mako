<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">${"New link" if new_link and not new_days else "New days" if not new_link else "New days and a new link"}: ${training.title}</%def>
<%def name="reason()">You get this message because you joined this training on ${config.owner}.</%def>
% if new_days:
<p>The training <strong>${training.title}</strong>, which you have joined, now takes place on ${days} (${training.timezone}).</p>
% endif
% if new_link:
<p>\
% if new_days:
It \
% else:
The training <strong>${training.title}</strong>, which you have joined, \
% endif
has a new link; the old one does not work any more:</p>
<p><a href="${join_url}">${join_url}</a></p>
% endif
<p>You are still in it and do not need to do anything. If you cannot come, you can leave it:</p>
${parts.button("Open the training", join_url)}
