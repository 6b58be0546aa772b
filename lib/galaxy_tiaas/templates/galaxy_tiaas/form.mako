<%namespace name="parts" file="parts.mako"/>
<%!
ORDER = (
    "title identifier description website start end timezone attendance location use_gtn gtn_links non_gtn_links"
    " name email instructors retain_contact advertise blogpost other_requests"
).split()


def in_order(errors):
    """The errors in the order of the fields on the page."""
    return sorted(errors.items(), key=lambda error: ORDER.index(error[0]) if error[0] in ORDER else len(ORDER))
%>

<%def name="described(name, help)"><% ids = ([f"{name}-help"] if help else []) + ([f"{name}-error"] if errors.get(name) else []) %>\
% if ids:
aria-describedby="${" ".join(ids)}" \
% endif
% if errors.get(name):
aria-invalid="true"\
% endif
</%def>

<%def name="label(name, text, help, required)">
<label for="${name}">${text}</label>
% if not required:
<span class="tiaas-help">(optional)</span>
% endif
% if help:
<div class="tiaas-help" id="${name}-help">${help}</div>
% endif
</%def>

<%def name="error(name)">
% if errors.get(name):
<div class="tiaas-error" id="${name}-error">${errors[name]}</div>
% endif
</%def>

<%def name="text(name, text, help='', kind='text', required=False, lines=0, **attributes)">
<%
value = values.get(name)
value = ", ".join(value) if isinstance(value, list) else ("" if value is None else value)
%>
<div class="tiaas-field">
    ${label(name, text, help, required)}
    % if lines:
    <textarea class="form-control" id="${name}" name="${name}" rows="${lines}" ${described(name, help)}>
${value}</textarea>
    % else:
    <input class="form-control" id="${name}" name="${name}" type="${kind}" value="${value}" ${"required" if required else ""} ${described(name, help)}
        % for key, setting in attributes.items():
        ${key}="${setting}"
        % endfor
    >
    % endif
    ${error(name)}
</div>
</%def>

<%def name="tick(name, text, help='')">
<div class="tiaas-tick-box">
    <input type="checkbox" id="${name}" name="${name}" value="yes" ${"checked" if values.get(name) else ""} ${described(name, help)}>
    <div><label for="${name}">${text}</label>
    % if help:
    <div class="tiaas-help" id="${name}-help">${help}</div>
    % endif
    ${error(name)}
    </div>
</div>
</%def>

<%def name="summary()">
% if errors:
<div class="alert alert-danger" role="alert" tabindex="-1" autofocus>
    % if errors.get(""):
    <p class="mb-0"><strong>Not saved yet.</strong> ${errors[""]}
    % if not actor.user:
    <a href="${url('/login/start')}" target="_blank">Log in in another window</a>, come back here, and send the form again.
    % endif
    </p>
    % else:
    <strong>Not saved yet.</strong> Please look at:
    <ul class="mb-0">
        % for name, message in in_order(errors):
        <li><a href="#${name}">${formats.field(name)}</a>: ${message}</li>
        % endfor
    </ul>
    % endif
</div>
% endif
</%def>

<%def name="fields()">
<fieldset>
    <legend>The course</legend>
    ${text("title", "Title", required=True, maxlength=255)}
    ${text("identifier", "Identifier", help=f"The last part of the link for your class, {actor.base_url}/join-training/… Letters, digits, hyphens and underscores, at most {config.identifier_max_length}.", required=True, maxlength=config.identifier_max_length, autocapitalize="none", autocomplete="off", spellcheck="false")}
    ${text("description", "Short description", help="What will be taught, and to whom.", lines=3)}
    ${text("website", "Website", help="Its address: https://…", kind="url")}
</fieldset>
<fieldset>
    <legend>When and where</legend>
    <div class="tiaas-row">
        ${text("start", "First day", kind="date", required=True)}
        ${text("end", "Last day", kind="date", required=True)}
    </div>
    <div class="tiaas-row">
        ${text("timezone", "Time zone", help="Such as Europe/Berlin.", required=True, list="time-zones", autocomplete="off", spellcheck="false")}
        ${text("attendance", "People", help="How many you expect.", kind="number", required=True, min=1)}
    </div>
    <datalist id="time-zones">
        % for zone in formats.time_zones():
        <option value="${zone}"></option>
        % endfor
    </datalist>
    <%
    chosen = [code.upper() for code in values.get("location", [])]
    lands = sorted(countries().items(), key=lambda item: item[0] not in chosen)
    %>
    <div class="tiaas-field">
        ${label("location", "Countries", "Where it takes place, for statistics. Hold Ctrl or ⌘ to choose several.", False)}
        <select class="form-control" id="location" name="location" multiple size="6" ${described("location", True)}>
            % for code, land in lands:
            <option value="${code}" ${"selected" if code in chosen else ""}>${land.name}</option>
            % endfor
        </select>
        ${error("location")}
    </div>
</fieldset>
<fieldset>
    <legend>Materials</legend>
    ${tick("use_gtn", "I use materials of the Galaxy Training Network", help="The tutorials on training.galaxyproject.org.")}
    ${text("gtn_links", "Which of its tutorials?", help="Titles or addresses, so that we can check that the tools are there.", lines=2)}
    ${text("non_gtn_links", "Other materials, workflows and tools", lines=2)}
</fieldset>
<fieldset>
    <legend>You</legend>
    <div class="tiaas-row">
        ${text("name", "Name", help="How we address you.", required=True, autocomplete="name")}
        ${text("email", "E-mail address", help="Where we reach you.", kind="email", required=True, autocomplete="email")}
    </div>
    ${text("instructors", "Other instructors", help="Public names or e-mail addresses of their accounts on this Galaxy, separated by commas. They see what you see.")}
    ${tick("retain_contact", f"You may keep my contact for {config.gdpr_retain_extra_months} months after the course", help=f"For letters of support and the like. Otherwise it is removed after {config.gdpr_redact_after_days} days.")}
    % if config.show_advertising:
    ${tick("advertise", "List the training publicly on this server")}
    % elif values.get("advertise"):
    <input type="hidden" name="advertise" value="yes">
    % endif
    ${tick("blogpost", "I would write a short blog post afterwards")}
    ${text("other_requests", "Anything else?", lines=3)}
</fieldset>
</%def>
