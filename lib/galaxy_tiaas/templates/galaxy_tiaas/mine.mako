<%inherit file="base.mako"/>
<%namespace name="parts" file="parts.mako"/>
<%def name="title()">My trainings</%def>
<%def name="here()">/tiaas/trainings/</%def>
<h1>My trainings</h1>
<form method="post" action="${url('/tiaas/trainings/')}" class="tiaas-actions">
    <label for="identifier" class="mb-0">Join a training by its identifier or link:</label>
    <input class="form-control" style="max-width: 18rem" id="identifier" name="identifier" required autocapitalize="none" spellcheck="false">
    <button class="btn btn-primary" type="submit">Join</button>
</form>
% if trainings:
<div class="tiaas-scroll">
<table class="table">
    <thead><tr><th scope="col">Training</th><th scope="col">Days</th><th scope="col">State</th><th scope="col" class="number">Joined</th><th scope="col">Pages</th></tr></thead>
    <tbody>
    % for training in trainings:
    <tr>
        <td>
            % if training.instructors is not None:
            <a href="${url(f'/tiaas/trainings/{training.identifier}')}">${training.title}</a>
            % else:
            ${training.title}
            % endif
            <br><small>${training.identifier}</small>
        </td>
        <td>${formats.days(training.start, training.end)}</td>
        <td>${parts.state(training)}</td>
        <td class="number">${training.members}</td>
        <td>
            % if training.state.value == "approved":
            <a href="${url(f'/join-training/{training.identifier}/status')}">Dashboard</a>
            % if training.phase.value != "finished":
            · <a href="${url(f'/join-training/{training.identifier}')}">Join</a>
            % endif
            % else:
            –
            % endif
        </td>
    </tr>
    % endfor
    </tbody>
</table>
</div>
% else:
<p>You have not requested or joined a training yet. Your instructor gives you a link to join one;
<a href="${url('/tiaas/new/')}">request a training</a> if you teach yourself.</p>
% endif
