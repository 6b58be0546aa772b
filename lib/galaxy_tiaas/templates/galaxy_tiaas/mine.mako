<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">My trainings</%def>
<%def name="here()">/tiaas/trainings/</%def>
<h1>My trainings</h1>
<form method="post" action="${url('/tiaas/trainings/')}" class="tiaas-join-box">
    <label for="identifier">Join a training by its identifier or link</label>
    <div class="tiaas-inline">
        <input class="form-control" id="identifier" name="identifier" required autocapitalize="none" autocomplete="off" spellcheck="false">
        <button class="btn btn-primary" type="submit">Join</button>
    </div>
</form>
% if trainings:
<table class="table tiaas-stack">
    <thead><tr><th scope="col">Training</th><th scope="col">Days</th><th scope="col">State</th><th scope="col" class="number">People</th><th scope="col"><span class="sr-only">Pages</span></th></tr></thead>
    <tbody>
    % for training in trainings:
    <% teaches = training.instructors is not None %>
    <tr>
        <td class="tiaas-wide">
            % if teaches:
            <a href="${url(f'/tiaas/trainings/{training.identifier}')}">${training.title}</a>
            % else:
            ${training.title}
            % endif
            <br><small>${training.identifier}</small>
        </td>
        <td>${formats.days(training.start, training.end)}</td>
        <td>${parts.state(training)}</td>
        <td class="number" data-label="People">${training.members}</td>
        <td>
            % if training.state.value == "approved":
            <ul class="tiaas-links">
                <li><a href="${url(f'/join-training/{training.identifier}/status')}">Dashboard</a></li>
                % if training.phase.value != "finished":
                <li><a href="${url(f'/join-training/{training.identifier}')}">${"Join yourself" if teaches else "Your place"}</a></li>
                % endif
                % if not teaches:
                <li><a href="${url(f'/join-training/{training.identifier}/leave')}">Leave</a></li>
                % endif
            </ul>
            % endif
        </td>
    </tr>
    % endfor
    </tbody>
</table>
% else:
<p>You have not requested or joined a training yet. Your instructor gives you a link to join one;
<a href="${url('/tiaas/new/')}">request a training</a> if you teach yourself.</p>
% endif
