<%inherit file="base.mako"/>
<%!
HEADINGS = {401: "Please log in", 403: "Not for you, or not yet", 404: "Not found", 409: "That is not possible now", 410: "It is over", 422: "That cannot be understood"}
%>
<%def name="title()">${HEADINGS.get(status, "Something went wrong")}</%def>
<div class="tiaas-narrow">
<h1>${HEADINGS.get(status, "Something went wrong")}</h1>
<p class="lead">${message}</p>
<div class="tiaas-actions">
    % if login:
    <a class="btn btn-primary" href="${login}" target="_top">Log in</a>
    % endif
    <a class="btn btn-outline-primary" href="${url('/')}" target="_top">Go to Galaxy</a>
    <a class="btn btn-outline-primary" href="${url('/tiaas/')}">About trainings</a>
</div>
% if contact_email:
<p>If you think this is a mistake, write to <a href="mailto:${contact_email}">${contact_email}</a>${" or ask your instructor" if status in (404, 403, 410) else ""}.</p>
% endif
</div>
