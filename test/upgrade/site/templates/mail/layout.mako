<%doc>Around every message. The title is the subject of the mail. Galaxy's notifications have neither header nor footer.</%doc>\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${self.subject()}</title>
</head>
<body style="margin: 0; font-family: Arial, Helvetica, sans-serif; font-size: 16px; line-height: 1.5; color: #212529">
<div style="max-width: 36em; margin: 0 auto; padding: 1em">
<header><p>Hello,</p></header>
<p>Hogwarts' own mail/layout.mako</p>

${next.body()}
<footer style="margin-top: 2em; padding-top: 1em; border-top: 1px solid #ccc; font-size: 14px; color: #555">
<p>${self.reason()}</p>
% if contact_email:
<p>Questions? Write to <a href="mailto:${contact_email}">${contact_email}</a>.</p>
% endif
</footer>
</div>
</body>
</html>
<%def name="reason()">You get this message from ${config.owner} because you teach this training.</%def>
