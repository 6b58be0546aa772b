<%doc>Part of a page: asks for a later last day. Needs ``training`` and ``token``; after a mistake ``errors`` and ``end`` too.</%doc>
<%page args="training, token, errors={}, end=''"/>
<%namespace name="parts" file="parts.mako"/>
<%! from datetime import timedelta %>
<form method="post" class="tiaas-extend" action="${url(f'/tiaas/trainings/{training.identifier}/extend')}">
    ${parts.token_field(token)}
    <label for="extend-end">Extend until</label>
    <div class="tiaas-help" id="extend-help">It ends on ${formats.day(training.end)} now.
    % if training.state.value == "approved" and not actor.is_admin:
    An administrator has to agree.
    % endif
    </div>
    <div class="tiaas-inline">
        <input class="form-control" type="date" id="extend-end" name="end" required min="${training.end + timedelta(days=1)}" value="${end}" aria-describedby="extend-help${' extend-error' if errors else ''}" ${'aria-invalid="true"' if errors else "" | n}>
        <button class="btn btn-outline-primary" type="submit">Extend</button>
    </div>
    % for message in errors.values():
    <div class="tiaas-error" id="extend-error" role="alert">${message}</div>
    % endfor
</form>
