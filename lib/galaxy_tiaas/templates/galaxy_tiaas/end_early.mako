<%namespace name="parts" file="parts.mako"/>
## A running training is over before its last day: for its instructors and for admins.
<%def name="end_early(training, token, action, note='', problem='')">
% if training.state.value == "approved" and training.phase.value == "ongoing":
<details class="tiaas-end-early" ${"open" if problem else ""}>
    <summary>End it early …</summary>
    <form method="post" class="tiaas-medium" action="${action}">
        ${parts.token_field(token)}
        % if problem:
        <div class="alert alert-danger" role="alert" tabindex="-1" autofocus>${problem}</div>
        % endif
        <p>If you finish early, end the training: its resources are free for others at once, and nobody can join any
        more. Running jobs finish where they are.</p>
        <div class="tiaas-field"><label for="end-note">Why it ends early</label>
        <span class="tiaas-help">(optional)</span>
        <input class="form-control" id="end-note" name="note" value="${note}" maxlength="10000"></div>
        <button class="btn btn-outline-danger" type="submit">End the training now</button>
    </form>
</details>
% endif
</%def>
