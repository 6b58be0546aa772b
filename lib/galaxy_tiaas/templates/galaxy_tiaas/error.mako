<%inherit file="base.mako"/>
<%!
HEADINGS = {
    403: "You cannot open this page",
    404: "Not found",
    409: "That is not possible right now",
    410: "It is over",
    422: "That does not look right",
    429: "Too many requests",
    503: "Galaxy cannot answer right now",
}
HELP = {
    403: "Are you logged in with the right account?",
    404: "Check the address: a letter may be missing, or the page may be gone.",
    409: "Somebody may have been faster. Go back, reload the page and look again.",
    410: "Everything you did is still in your histories.",
    422: "Check the address, or go back and start again.",
}
ICONS = {403: "fa-lock", 404: "fa-search", 409: "fa-hand-paper", 410: "fa-flag-checkered", 429: "fa-hourglass-half", 503: "fa-hourglass-half"}
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
    % if status in (429, 503) and not can_repeat:
    <p>What you typed is not lost: reload this page then, and let your browser send the form again.</p>
    % endif
    % if unknown_training:
    <form method="post" action="${url('/tiaas/trainings/')}" class="tiaas-join-box">
        <label for="identifier">Check the spelling:</label>
        <div class="tiaas-inline">
            <input class="form-control" id="identifier" name="identifier" value="${typed}" required autocapitalize="none" autocomplete="off" spellcheck="false">
            <button class="btn btn-primary" type="submit">Join</button>
        </div>
    </form>
    % if login_to_see:
    <p>Did you ask for it, or join it? <a href="${login_to_see}" target="_top">Log in</a> to see it.</p>
    % endif
    <a class="btn btn-link" href="${url('/')}" target="_top">Go to Galaxy</a>
    % elif login:
    <a class="btn btn-primary btn-lg" href="${login}" target="_top">Log in</a>
    <a class="btn btn-link" href="${url('/')}" target="_top">Go to Galaxy</a>
    % elif status in (429, 503) and can_repeat:
    <a class="btn btn-primary btn-lg" href="">Try again</a>
    % else:
    <a class="btn btn-primary btn-lg" href="${url('/tiaas/trainings/' if actor and not joining else '/')}" ${"" if actor and not joining else 'target="_top"' | n}>${"My trainings" if actor and not joining else "Go to Galaxy"}</a>
    % endif
    % if joining or contact_email:
    <p class="tiaas-more">
        % if joining and contact_email:
        Still stuck? Ask your instructor, or write to <a href="mailto:${contact_email}">${contact_email}</a>.
        % elif joining:
        Still stuck? Ask your instructor.
        % else:
        Is this a mistake? Write to <a href="mailto:${contact_email}">${contact_email}</a>.
        % endif
    </p>
    % endif
</div>
