<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">Join ${training.title}</%def>
<%def name="entry()">join</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
    <div class="tiaas-sign"><span class="fas fa-graduation-cap" aria-hidden="true"></span></div>
    <h1>Join this training?</h1>
    <p class="lead">${training.title}<br><small>${formats.days(training.start, training.end)}</small></p>
    % if actor.user:
    <form method="post" action="${url(f'/join-training/{training.identifier}')}">
        ${parts.token_field(token)}
        <button class="btn btn-primary btn-lg" type="submit">Join</button>
    </form>
    % else:
    <a class="btn btn-primary btn-lg" href="${url(f'/join-training/{training.identifier}')}" target="_top">Log in and join</a>
    % endif
    <p class="tiaas-more">Your jobs then run on the training's resources while it takes place. You can leave at any time.</p>
</div>
