<%inherit file="layout.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="subject()">Approved: ${training.title}</%def>
<p>Hogwarts' own mail/approved_instructor.mako</p>

<p>Good news: your training <strong>${training.title}</strong> is approved for ${days}.</p>
${parts.noted(note, "The administrators add:")}
<p>This is the one link that your class needs. Whoever opens it, logged in to Galaxy, has joined:</p>
<p><a href="${join_url}">${join_url}</a></p>
${parts.qr_code("The same link as a picture, for your slides")}
<p>What you can do next:</p>
<ul>
<li>Open the link yourself and try everything before the day.</li>
<li>Share the link, or show it as a slide: <a href="${training_url}">the page of your training</a>.</li>
<li>Watch the class while it works: <a href="${status_url}">the dashboard</a>.</li>
</ul>
