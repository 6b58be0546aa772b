<%inherit file="base.mako"/>
<%!
HEADINGS = {
    403: "Not for you, or not yet",
    404: "Not found",
    409: "That is not possible now",
    410: "It is over",
    422: "That cannot be understood",
}
%>
<%def name="title()">${heading()}</%def>
<%def name="heading()">${"Please log in" if login else HEADINGS.get(status, "Something went wrong")}</%def>
<div class="tiaas-narrow">
    <h1>${heading()}</h1>
    <p class="lead">${message}</p>
    <div class="tiaas-actions">
        % if login:
        <a class="btn btn-primary" href="${login}" target="_top">Log in</a>
        % endif
        <a class="btn ${'btn-outline-primary' if login else 'btn-primary'}" href="${url('/')}" target="_top">Go to Galaxy</a>
    </div>
    % if not login:
    % if joining:
    <p>If you think this is a mistake, ask your instructor${f" or write to " if contact_email else ""}\
    % elif contact_email:
    <p>If you think this is a mistake, write to \
    % endif
    % if contact_email:
<a href="mailto:${contact_email}">${contact_email}</a>\
    % endif
    % if joining or contact_email:
.</p>
    % endif
    % endif
</div>
