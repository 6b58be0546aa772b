<%!
from markupsafe import (
    escape,
    Markup,
)

def lines(text):
    return Markup("<br>").join(escape(line) for line in text.splitlines())
%>
<%def name="in_short(training)">
<ul>
<li>Training: ${training.title}</li>
<li>Days: ${wording.days(training.start, training.end)} (${training.timezone})</li>
<li>People expected: ${training.attendance}</li>
</ul>
</%def>

<%def name="button(text, address)">
<p><a href="${address}" style="display: inline-block; padding: .5em 1em; border-radius: 4px; background: #25537b; color: #fff; text-decoration: none">${text}</a></p>
</%def>

<%doc>A picture of the training's link. Plain text and notifications do without.</%doc>
<%def name="qr_code(caption)">
<figure style="margin: 1em 0">
<img src="cid:qr-code" alt="QR code of the link" width="200" height="200">
<figcaption style="font-size: 14px; color: #555">${caption}</figcaption>
</figure>
</%def>

<%doc>What somebody wrote in a form, with its paragraphs.</%doc>
<%def name="quoted(text)">
<blockquote style="margin: 1em 0; padding: 0 1em; border-left: 4px solid #25537b">
% for paragraph in text.replace("\r\n", "\n").split("\n\n"):
<p>${lines(paragraph) | n}</p>
% endfor
</blockquote>
</%def>

<%def name="noted(note, introduction)">
% if note:
<p>${introduction}</p>
${quoted(note)}
% endif
</%def>

<%def name="listed(entries)">
<ul>
% for entry in entries:
<li>${entry}</li>
% endfor
</ul>
</%def>
