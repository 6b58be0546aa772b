<%inherit file="base.mako"/>
<%
state, teaches = training.state.value, training.instructors is not None
is_early = state == "approved" and training.phase.value == "upcoming"
is_over = state == "approved" and training.phase.value == "finished"
%>
<%def name="title()">${heading()}: ${training.title}</%def>
<%def name="entry()">join</%def>
<%def name="heading()">\
% if training.state.value == "cancelled":
This training was cancelled\
% elif training.state.value == "approved" and training.phase.value == "finished":
This training is over\
% elif training.state.value == "approved":
You are early\
% elif training.state.value == "new":
Not approved yet\
% else:
Not approved\
% endif
</%def>
<div class="tiaas-narrow tiaas-join mx-auto">
    <div class="tiaas-sign"><span class="fas ${'fa-clock' if is_early or state == 'new' else 'fa-flag-checkered' if is_over else 'fa-ban'}" aria-hidden="true"></span></div>
    <h1>${heading()}</h1>
    <p class="lead">${training.title}<br><small>${formats.days(training.start, training.end)}</small></p>
    % if is_early:
    <p>You can join from <strong>${formats.spoken(training.opens, training.timezone)}</strong>, ${formats.time_until(training.opens, now)}.<br>
    Keep the link and open it again then; there is nothing to do until then.</p>
    % elif is_over:
    % if training.ended_at:
    <p>It ended early, on ${formats.moment(training.ended_at, "day")}.</p>
    % endif
    <p>Nobody can join it any more. What you have made stays: your histories and results are in your account, and you
    can go on working there. New jobs run as everybody's do.</p>
    % elif state == "cancelled":
    <p>It has been cancelled on this server. Ask your instructor what happens instead.
    Histories and results that you have made stay in your account.</p>
    % elif state == "new":
    <p>The administrators of this server have not decided about it yet. Open the link again later, or ask your instructor.</p>
    % else:
    <p>The administrators of this server have not agreed to it, so nobody can join. Ask your instructor what happens instead.</p>
    % endif
    <a class="btn btn-primary btn-lg" href="${url('/')}" target="_top">Go to Galaxy</a>
    <ul class="tiaas-links tiaas-quiet">
        % if teaches:
        <li><a href="${url(f'/tiaas/trainings/{training.identifier}')}">Your training</a></li>
        % elif not actor.user and is_early:
        <li><a href="${url(f'/login/start?redirect=%2Fjoin-training%2F{training.identifier}')}" target="_top">You teach it? Log in to join now</a></li>
        % endif
        % if actor.user:
        <li><a href="${url('/tiaas/trainings/')}">My trainings</a></li>
        % endif
        % if contact_email and not is_early:
        <li><a href="mailto:${contact_email}">Ask the administrators</a></li>
        % endif
    </ul>
</div>
