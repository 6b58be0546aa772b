<%namespace name="parts" file="parts.mako"/>

<%def name="text(name, label, help='', kind='text', required=False, lines=0, **attributes)">
<%
value = values.get(name)
value = ", ".join(value) if isinstance(value, list) else ("" if value is None else value)
error = errors.get(name)
described = " ".join(([f"{name}-help"] if help else []) + ([f"{name}-error"] if error else []))
%>
<div class="tiaas-field">
    <label for="${name}">${label}</label>
    % if not required:
    <span class="tiaas-help">(optional)</span>
    % endif
    % if help:
    <div class="tiaas-help" id="${name}-help">${help}</div>
    % endif
    % if lines:
    <textarea class="form-control" id="${name}" name="${name}" rows="${lines}" aria-describedby="${described}" aria-invalid="${'true' if error else 'false'}">${value}</textarea>
    % else:
    <input class="form-control" id="${name}" name="${name}" type="${kind}" value="${value}" ${"required" if required else ""} aria-describedby="${described}" aria-invalid="${'true' if error else 'false'}"
        % for key, setting in attributes.items():
        ${key}="${setting}"
        % endfor
    >
    % endif
    % if error:
    <div class="tiaas-error" id="${name}-error">${error}</div>
    % endif
</div>
</%def>

<%def name="tick(name, label, help='')">
<div class="tiaas-tick-box">
    <input type="checkbox" id="${name}" name="${name}" value="yes" ${"checked" if values.get(name) else ""} ${f'aria-describedby={name}-help' if help else ""}>
    <div><label for="${name}" class="mb-0">${label}</label>
    % if help:
    <div class="tiaas-help" id="${name}-help">${help}</div>
    % endif
    </div>
</div>
</%def>

<%def name="summary()">
% if errors:
<div class="alert alert-danger" role="alert">
    <strong>The form was not saved.</strong> Please look at:
    <ul class="mb-0">
        % for name, message in errors.items():
        <li><a href="#${name}">${formats.field(name)}</a>: ${message}</li>
        % endfor
    </ul>
</div>
% endif
</%def>

<%def name="fields()">
<fieldset>
    <legend>The course</legend>
    ${text("title", "Title", required=True, maxlength=255)}
    ${text("identifier", "Identifier", help=f"Becomes part of the link for your class: join-training/…. Letters, digits, hyphens and underscores; at most {config.identifier_max_length}.", required=True, maxlength=config.identifier_max_length, autocapitalize="none", spellcheck="false")}
    ${text("description", "Short description", help="What will be taught, and to whom.", lines=3)}
    ${text("website", "Website", help="If there is one: https://…", kind="url")}
</fieldset>
<fieldset>
    <legend>When and where</legend>
    <div class="tiaas-row">
        ${text("start", "First day", kind="date", required=True)}
        ${text("end", "Last day", kind="date", required=True)}
    </div>
    <div class="tiaas-row">
        ${text("timezone", "Time zone", help="In which the days begin and end, such as Europe/Berlin.", required=True)}
        ${text("attendance", "How many people do you expect?", kind="number", required=True, min=1)}
    </div>
    <div class="tiaas-field">
        <label for="location">Countries</label>
        <span class="tiaas-help">(optional)</span>
        <div class="tiaas-help" id="location-help">Where it takes place; for statistics. Hold Ctrl or ⌘ to choose several.</div>
        <select class="form-control" id="location" name="location" multiple size="6" aria-describedby="location-help" aria-invalid="${'true' if errors.get('location') else 'false'}">
            % for code, land in countries().items():
            <option value="${code}" ${"selected" if code in [c.upper() for c in values.get("location", [])] else ""}>${land.name}</option>
            % endfor
        </select>
        % if errors.get("location"):
        <div class="tiaas-error">${errors["location"]}</div>
        % endif
    </div>
</fieldset>
<fieldset>
    <legend>Materials</legend>
    ${tick("use_gtn", "I use materials of the Galaxy Training Network", help="The tutorials on training.galaxyproject.org.")}
    ${text("gtn_links", "Which ones?", help="Titles or addresses, so that we can check that the tools are there.", lines=2)}
    ${text("non_gtn_links", "Other materials, workflows and tools", lines=2)}
</fieldset>
<fieldset>
    <legend>You</legend>
    <div class="tiaas-row">
        ${text("name", "Name", help="How we address you.", required=True)}
        ${text("email", "E-mail address", kind="email", required=True)}
    </div>
    ${text("instructors", "Other instructors", help="Public names or e-mail addresses of their accounts on this Galaxy, separated by commas. They see what you see.")}
    ${tick("retain_contact", f"You may keep my contact for {config.gdpr_retain_extra_months} months after the course", help="For letters of support and the like. Otherwise it is removed after %d days." % config.gdpr_redact_after_days)}
    % if config.show_advertising:
    ${tick("advertise", "List the training publicly on this server")}
    % elif values.get("advertise"):
    <input type="hidden" name="advertise" value="yes">
    % endif
    ${tick("blogpost", "I would write a short blog post afterwards")}
    ${text("other_requests", "Anything else?", lines=3)}
</fieldset>
</%def>
