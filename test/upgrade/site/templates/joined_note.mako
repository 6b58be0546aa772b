
<p>Hogwarts' own joined_note.mako</p>
