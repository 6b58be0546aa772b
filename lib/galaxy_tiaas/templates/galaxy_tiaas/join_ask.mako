<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">Join ${training.title}</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
    <h1>Join “${training.title}”?</h1>
    <p>${formats.days(training.start, training.end)}</p>
    % if actor.user:
    <form method="post" action="${url(f'/join-training/{training.identifier}')}">
        ${parts.token_field(token)}
        <button class="btn btn-primary btn-lg" type="submit">Join</button>
    </form>
    % else:
    <a class="btn btn-primary btn-lg" href="${url(f'/join-training/{training.identifier}')}" target="_top">Log in and join</a>
    % endif
</div>
