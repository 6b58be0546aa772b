<%inherit file="base.mako"/>
<%!
HEADINGS = {
    403: "Not for you, or not now",
    404: "Not found",
    409: "That is not possible now",
    410: "It is over",
    422: "That cannot be understood",
    503: "Galaxy is out of breath",
}
HELP = {
    403: "Is it the right account that you are logged in with?",
    404: "Look at the address again: a letter may be missing, or the page is gone.",
    409: "Somebody may have been faster. Go back, reload the page, and look at how things stand now.",
    410: "What you have done is still in your histories.",
    422: "Look at the address again, or go back and start anew.",
}
ICONS = {403: "fa-lock", 404: "fa-search", 409: "fa-hand-paper", 410: "fa-flag-checkered", 503: "fa-hourglass-half"}
%>
<%
unknown_training = joining and status == 404
%>
<%def name="title()">${heading()}</%def>
<%def name="entry()">join</%def>
<%def name="heading()">\
% if login:
Please log in\
% elif joining and status == 404:
No such training\
% else:
${HEADINGS.get(status, "Something went wrong")}\
% endif
</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
    <div class="tiaas-sign"><span class="fas ${'fa-sign-in-alt' if login else ICONS.get(status, 'fa-exclamation-triangle')}" aria-hidden="true"></span></div>
    <h1>${heading()}</h1>
    <p class="lead">${message}</p>
    % if status in HELP and not login and not unknown_training:
    <p>${HELP[status]}</p>
    % endif
    % if unknown_training:
    <form method="post" action="${url('/tiaas/trainings/')}" class="tiaas-join-box">
        <label for="identifier">A typing error? Look at it again:</label>
        <div class="tiaas-inline">
            <input class="form-control" id="identifier" name="identifier" value="${typed}" required autocapitalize="none" autocomplete="off" spellcheck="false">
            <button class="btn btn-primary" type="submit">Join</button>
        </div>
    </form>
    <a class="btn btn-link" href="${url('/')}" target="_top">Go to Galaxy</a>
    % elif login:
    <a class="btn btn-primary btn-lg" href="${login}" target="_top">Log in</a>
    <a class="btn btn-link" href="${url('/')}" target="_top">Go to Galaxy</a>
    % elif status == 503 and can_repeat:
    <a class="btn btn-primary btn-lg" href="">Try again</a>
    % else:
    <a class="btn btn-primary btn-lg" href="${url('/tiaas/trainings/' if actor and not joining else '/')}" ${"" if actor and not joining else 'target="_top"' | n}>${"My trainings" if actor and not joining else "Go to Galaxy"}</a>
    % endif
    % if joining or contact_email:
    <p class="tiaas-more">
        % if joining and contact_email:
        Does it not help? Ask your instructor, or write to <a href="mailto:${contact_email}">${contact_email}</a>.
        % elif joining:
        Does it not help? Ask your instructor.
        % else:
        Is this a mistake? Write to <a href="mailto:${contact_email}">${contact_email}</a>.
        % endif
    </p>
    % endif
</div>
