<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Starts soon: ${training.title}</%def>
<p>Your training <strong>${training.title}</strong> takes place on ${days} (${training.timezone}).</p>
% if joined:
<p>${"One person has" if joined == 1 else f"{joined:,} people have"} joined so far; you expect ${f"{training.attendance:,}"}. \
On the dashboard ${"the name is" if joined == 1 else "the names are"}:</p>
${parts.listed(names)}
% if joined > len(names):
<p>… and ${f"{joined - len(names):,}"} more.</p>
% endif
% else:
<p>Nobody has joined so far; you expect ${f"{training.attendance:,}"}. Everybody can join until the end, also on the day
itself.</p>
% endif
<p>What you can do now:</p>
<ul>
<li>Send the link to your class: <a href="${join_url}">${join_url}</a></li>
<li>Open it yourself and run through your materials once.</li>
<li>Set up the steps of your dashboard: <a href="${training_url}/dashboard">set up the dashboard</a>.</li>
</ul>
${parts.qr_code("The same link as a picture, for your slides")}
