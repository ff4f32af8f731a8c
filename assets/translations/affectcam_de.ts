<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>affectcam</name>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Stop</source>
            <translation>&amp;Stopp</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Start</source>
            <translation>&amp;Start</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_box.py"></location>
            <source>Send the picture to ca&amp;lls</source>
            <translation>Bild an &amp;Videoanrufe geben</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_box.py"></location>
            <source>Zoom, Meet, Teams and browsers see the picture with its labels as a camera</source>
            <translation>Zoom, Meet, Teams und Browser sehen das beschriftete Bild als Kamera</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_box.py"></location>
            <source>Virtual camera</source>
            <translation>Virtuelle Kamera</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_box.py"></location>
            <source>Off</source>
            <translation>Aus</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_box.py"></location>
            <source>State of the virtual camera</source>
            <translation>Zustand der virtuellen Kamera</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_box.py"></location>
            <source>How to get o&amp;ne…</source>
            <translation>W&amp;ie einrichten …</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_help_page.py"></location>
            <source>Check &amp;again</source>
            <translation>&amp;Erneut prüfen</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_help_page.py"></location>
            <source>Looking…</source>
            <translation>Wird gesucht …</translation>
        </message>
        <message>
            <location filename="../../app/gui/camera_help_page.py"></location>
            <source>Command of step {number}</source>
            <translation>Befehl zu Schritt {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart.py"></location>
            <source>Nobody is read now</source>
            <translation>Zurzeit wird niemand erkannt</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart.py"></location>
            <source>The last sixty seconds</source>
            <translation>Die letzten sechzig Sekunden</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart.py"></location>
            <source>{expression} {share}, valence {valence}, arousal {arousal}</source>
            <translation>{expression} {share}, Valenz {valence}, Erregung {arousal}</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart.py"></location>
            <source>Valence</source>
            <translation>Valenz</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart.py"></location>
            <source>Arousal</source>
            <translation>Erregung</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart_plot.py"></location>
            <source>The last sixty seconds appear here</source>
            <translation>Hier erscheinen die letzten sechzig Sekunden</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart_plot.py"></location>
            <source>60 s ago</source>
            <translation>vor 60 s</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart_plot.py"></location>
            <source>30 s ago</source>
            <translation>vor 30 s</translation>
        </message>
        <message>
            <location filename="../../app/gui/chart_plot.py"></location>
            <source>now</source>
            <translation>jetzt</translation>
        </message>
        <message>
            <location filename="../../app/gui/choice_editor.py"></location>
            <source>Another file…</source>
            <translation>Andere Datei …</translation>
        </message>
        <message>
            <location filename="../../app/gui/choice_editor.py"></location>
            <source>Choose a model</source>
            <translation>Modell wählen</translation>
        </message>
        <message>
            <location filename="../../app/gui/choice_editor.py"></location>
            <source>Models</source>
            <translation>Modelle</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>Everything works</source>
            <translation>Alles funktioniert</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>Diagnose</source>
            <translation>Diagnose</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>The copied report names no person, no machine and no serial number.</source>
            <translation>Der kopierte Bericht nennt weder Personen noch den Rechner noch Seriennummern.</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>Copy &amp;report</source>
            <translation>&amp;Bericht kopieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>Looking at this machine…</source>
            <translation>Dieser Rechner wird geprüft …</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>1 thing does not work</source>
            <translation>1 Punkt funktioniert nicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>1 thing is worth a look</source>
            <translation>1 Punkt verdient einen Blick</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>works</source>
            <translation>funktioniert</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>worth a look</source>
            <translation>verdient einen Blick</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>does not work</source>
            <translation>funktioniert nicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>{count} things do not work</source>
            <translation>{count} Punkte funktionieren nicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>{count} things are worth a look</source>
            <translation>{count} Punkte verdienen einen Blick</translation>
        </message>
        <message>
            <location filename="../../app/gui/diagnose.py"></location>
            <source>To do: {cure}</source>
            <translation>Zu tun: {cure}</translation>
        </message>
        <message>
            <location filename="../../app/gui/dialog_parts.py"></location>
            <source>&amp;Close</source>
            <translation>S&amp;chließen</translation>
        </message>
        <message>
            <location filename="../../app/gui/dialog_parts.py"></location>
            <source>Copied</source>
            <translation>Kopiert</translation>
        </message>
        <message>
            <location filename="../../app/gui/dialog_parts.py"></location>
            <source>Command</source>
            <translation>Befehl</translation>
        </message>
        <message>
            <location filename="../../app/gui/dialog_parts.py"></location>
            <source>Copy</source>
            <translation>Kopieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/dialog_parts.py"></location>
            <source>Copy the command</source>
            <translation>Befehl kopieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py"></location>
            <source>Measured</source>
            <translation>Gemessen</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py"></location>
            <source>Recording</source>
            <translation>Aufnahme</translation>
        </message>
        <message>
            <location filename="../../app/gui/main_window.py"></location>
            <source>Model</source>
            <translation>Modell</translation>
        </message>
        <message>
            <location filename="../../app/gui/menus.py"></location>
            <source>&amp;File</source>
            <translation>&amp;Datei</translation>
        </message>
        <message>
            <location filename="../../app/gui/menus.py"></location>
            <source>&amp;Call</source>
            <translation>&amp;Anruf</translation>
        </message>
        <message>
            <location filename="../../app/gui/menus.py"></location>
            <source>&amp;Help</source>
            <translation>&amp;Hilfe</translation>
        </message>
        <message>
            <location filename="../../app/gui/mode_choice.py"></location>
            <source>Resolution and frame rate</source>
            <translation>Auflösung und Bildrate</translation>
        </message>
        <message>
            <location filename="../../app/gui/mode_choice.py"></location>
            <source>Asked of the camera; it gives its nearest</source>
            <translation>Wird von der Kamera erbeten; sie gibt die nächstliegende</translation>
        </message>
        <message>
            <location filename="../../app/gui/mode_choice.py"></location>
            <source>{width} × {height} at {rate} frames/s</source>
            <translation>{width} × {height} mit {rate} Bildern/s</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Read right</source>
            <translation>Richtig erkannt</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Read right, each expression counting alike</source>
            <translation>Richtig erkannt, jeder Ausdruck zählt gleich</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>F1, each expression counting alike</source>
            <translation>F1, jeder Ausdruck zählt gleich</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Its confidence is off by</source>
            <translation>Abweichung der Zuversicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>in validation</source>
            <translation>in der Validierung</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>in the test</source>
            <translation>im Test</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>in training</source>
            <translation>im Training</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>grey</source>
            <translation>graue</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>colour</source>
            <translation>farbige</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Model card</source>
            <translation>Steckbrief des Modells</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>How well it reads</source>
            <translation>Wie gut es erkennt</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>What it learned from</source>
            <translation>Woraus es gelernt hat</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Labels</source>
            <translation>Bezeichnungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>learned by the network</source>
            <translation>vom Netz gelernt</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>derived from the scores</source>
            <translation>aus den Werten abgeleitet</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Valence and arousal</source>
            <translation>Valenz und Erregung</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Licence</source>
            <translation>Lizenz</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Notes</source>
            <translation>Anmerkungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Made with</source>
            <translation>Erstellt mit</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>{kind} pictures of {side} × {side}</source>
            <translation>{kind} Bilder, {side} × {side}</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>The card gives no figures.</source>
            <translation>Der Steckbrief nennt keine Zahlen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>runs on {provider}</source>
            <translation>läuft auf {provider}</translation>
        </message>
        <message>
            <location filename="../../app/gui/model_card_dialog.py"></location>
            <source>Measured with: {command}</source>
            <translation>Gemessen mit: {command}</translation>
        </message>
        <message>
            <location filename="../../app/gui/pages.py"></location>
            <source>There is one now: switch it on in the window.</source>
            <translation>Jetzt ist eine da: im Fenster einschalten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/panel.py"></location>
            <source>Settings of the call</source>
            <translation>Einstellungen für den Anruf</translation>
        </message>
        <message>
            <location filename="../../app/gui/people_page.py"></location>
            <source>People with a calibration</source>
            <translation>Personen mit einer Kalibrierung</translation>
        </message>
        <message>
            <location filename="../../app/gui/people_page.py"></location>
            <source>&amp;Forget…</source>
            <translation>&amp;Vergessen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/people_page.py"></location>
            <source>Nobody has calibrated yet. The button is in the group Reading of the window.</source>
            <translation>Noch hat niemand kalibriert. Die Schaltfläche steht im Fenster in der Gruppe „Erkennung“.</translation>
        </message>
        <message>
            <location filename="../../app/gui/people_page.py"></location>
            <source>Forget a calibration</source>
            <translation>Kalibrierung vergessen</translation>
        </message>
        <message>
            <location filename="../../app/gui/people_page.py"></location>
            <source>&amp;Forget</source>
            <translation>&amp;Vergessen</translation>
        </message>
        <message>
            <location filename="../../app/gui/people_page.py"></location>
            <source>People</source>
            <translation>Personen</translation>
        </message>
        <message>
            <location filename="../../app/gui/people_page.py"></location>
            <source>A calibration is a few numbers that say how a face looks at rest. It is kept on this machine, under the name that was given, until it is forgotten here.</source>
            <translation>Eine Kalibrierung besteht aus wenigen Zahlen, die sagen, wie ein Gesicht in Ruhe aussieht. Sie bleibt auf diesem Rechner, unter dem angegebenen Namen, bis sie hier vergessen wird.</translation>
        </message>
        <message>
            <location filename="../../app/gui/people_page.py"></location>
            <source>Forget the calibration of {name}? It cannot be brought back.</source>
            <translation>Die Kalibrierung von {name} vergessen? Sie lässt sich nicht zurückholen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/plain_editors.py"></location>
            <source>Choose a folder</source>
            <translation>Ordner wählen</translation>
        </message>
        <message>
            <location filename="../../app/gui/plain_editors.py"></location>
            <source>Browse…</source>
            <translation>Durchsuchen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/plain_editors.py"></location>
            <source>Browse for a folder</source>
            <translation>Nach einem Ordner suchen</translation>
        </message>
        <message>
            <location filename="../../app/gui/presence.py"></location>
            <source>affectcam goes on here. Quit it from this icon.</source>
            <translation>affectcam läuft hier weiter. Beenden lässt es sich über dieses Symbol.</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Model car&amp;d…</source>
            <translation>Ste&amp;ckbrief …</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>What the model learned from, how well it reads, and its licence</source>
            <translation>Woraus das Modell gelernt hat, wie gut es erkennt, und seine Lizenz</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Cali&amp;brate…</source>
            <translation>Kali&amp;brieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Look neutral for three seconds: the bias of your own face is taken out</source>
            <translation>Drei Sekunden neutral blicken: Die Eigenheit des eigenen Gesichts wird herausgerechnet</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Calibration</source>
            <translation>Kalibrierung</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Whose calibration is applied</source>
            <translation>Wessen Kalibrierung angewandt wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Not calibrated</source>
            <translation>Nicht kalibriert</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Calibrate</source>
            <translation>Kalibrieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Look at the camera with a calm, neutral face for three seconds.
The result is kept on this machine, as numbers, under the name:</source>
            <translation>Bitte drei Sekunden lang mit ruhigem, neutralem Gesicht in die Kamera blicken.
Das Ergebnis bleibt als Zahlen auf diesem Rechner, unter dem Namen:</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>me</source>
            <translation>ich</translation>
        </message>
        <message>
            <location filename="../../app/gui/reading_box.py"></location>
            <source>Calibrated to {name}</source>
            <translation>Kalibriert auf {name}</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>Go back to the defaults on all pages? People and their calibrations stay.</source>
            <translation>Auf allen Seiten zu den Vorgaben zurückkehren? Personen und ihre Kalibrierungen bleiben erhalten.</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>The profile has been taken over, but for what this version does not know:</source>
            <translation>Das Profil wurde übernommen, bis auf das, was diese Version nicht kennt:</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>Groups of settings</source>
            <translation>Gruppen der Einstellungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>Restore defaults</source>
            <translation>Vorgaben wiederherstellen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>&amp;Restore</source>
            <translation>&amp;Wiederherstellen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>Export profile</source>
            <translation>Profil exportieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>Import profile</source>
            <translation>Profil importieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>Restore &amp;defaults</source>
            <translation>&amp;Vorgaben wiederherstellen</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>&amp;Export profile…</source>
            <translation>Profil &amp;exportieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>&amp;Import profile…</source>
            <translation>Profil &amp;importieren …</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>Profiles</source>
            <translation>Profile</translation>
        </message>
        <message>
            <location filename="../../app/gui/settings_dialog.py"></location>
            <source>All files</source>
            <translation>Alle Dateien</translation>
        </message>
        <message>
            <location filename="../../app/gui/shortcuts_dialog.py"></location>
            <source>Shortcuts</source>
            <translation>Tastenkürzel</translation>
        </message>
        <message>
            <location filename="../../app/gui/shortcuts_dialog.py"></location>
            <source>They work while the window has the focus; the tray has the same.</source>
            <translation>Sie wirken, solange das Fenster den Fokus hat; das Symbol im Infobereich bietet dasselbe.</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Address of the camera, for example rtsp://user:password@192.168.1.20/stream</source>
            <translation>Adresse der Kamera, zum Beispiel rtsp://name:passwort@192.168.1.20/stream</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Source</source>
            <translation>Quelle</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Demo clip</source>
            <translation>Demo-Clip</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Video file…</source>
            <translation>Videodatei …</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Network camera…</source>
            <translation>Netzwerkkamera …</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Choose a video</source>
            <translation>Video wählen</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Network camera</source>
            <translation>Netzwerkkamera</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Videos</source>
            <translation>Videos</translation>
        </message>
        <message>
            <location filename="../../app/gui/source_box.py"></location>
            <source>Camera {number}</source>
            <translation>Kamera {number}</translation>
        </message>
        <message>
            <location filename="../../app/gui/tray.py"></location>
            <source>recording</source>
            <translation>nimmt auf</translation>
        </message>
        <message>
            <location filename="../../app/gui/tray.py"></location>
            <source>running</source>
            <translation>läuft</translation>
        </message>
        <message>
            <location filename="../../app/gui/tray.py"></location>
            <source>stopped</source>
            <translation>angehalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/tray.py"></location>
            <source>Hide window</source>
            <translation>Fenster verbergen</translation>
        </message>
        <message>
            <location filename="../../app/gui/tray.py"></location>
            <source>Show window</source>
            <translation>Fenster zeigen</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome.py"></location>
            <source>I &amp;understand, start the camera</source>
            <translation>&amp;Verstanden, Kamera starten</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome.py"></location>
            <source>Start &amp;without the camera</source>
            <translation>&amp;Ohne Kamera starten</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Press Start to play it again</source>
            <translation>„Start“ spielt es noch einmal ab</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>1 face</source>
            <translation>1 Gesicht</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>On: {who} can now pick '{name}'</source>
            <translation>An: {who} können jetzt „{name}“ wählen</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>On: calls see '{name}' paused until you press Start</source>
            <translation>An: Anrufe sehen „{name}“ pausiert, bis „Start“ gedrückt wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Off: {why}</source>
            <translation>Aus: {why}</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Opening {name}…</source>
            <translation>{name} wird geöffnet …</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Recording {time}, {room} GB left</source>
            <translation>Aufnahme {time}, noch {room} GB frei</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Recorded {time}: {path}</source>
            <translation>Aufgenommen {time}: {path}</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Picture kept: {path}</source>
            <translation>Bild gespeichert: {path}</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Calibrated to {person}; forget it in Settings</source>
            <translation>Kalibriert auf {person}; vergessen lässt es sich in den Einstellungen</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>{model} cannot be used, the one before goes on: {reason}</source>
            <translation>{model} ist nicht verwendbar, das vorige läuft weiter: {reason}</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>{model} on {provider}</source>
            <translation>{model} auf {provider}</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>{name} has ended</source>
            <translation>{name} ist zu Ende</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>{count} faces</source>
            <translation>{count} Gesichter</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>{count} faces, {some} read at a time</source>
            <translation>{count} Gesichter, je {some} auf einmal gelesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>{rate} frames/s</source>
            <translation>{rate} Bilder/s</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>{rate} readings/s</source>
            <translation>{rate} Erkennungen/s</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>{time} ms latency</source>
            <translation>{time} ms Verzögerung</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>To get one: {cure}</source>
            <translation>So kommt sie auf den Rechner: {cure}</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Press Start to see the expressions on the faces</source>
            <translation>„Start“ zeigt den Ausdruck der Gesichter</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Looking for cameras…</source>
            <translation>Kameras werden gesucht …</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>paused</source>
            <translation>pausiert</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Goes on when you press Start</source>
            <translation>Geht an, sobald „Start“ gedrückt wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Opening…</source>
            <translation>Wird geöffnet …</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>No camera was found on this machine.
Plug one in and choose it on the right, or press Start for the demo clip.</source>
            <translation>Auf diesem Rechner wurde keine Kamera gefunden.
Nach dem Anschließen lässt sie sich rechts wählen; „Start“ spielt den Demo-Clip.</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Zoom, Meet and Teams</source>
            <translation>Zoom, Meet und Teams</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>programs that take cameras from PipeWire (Firefox, OBS)</source>
            <translation>Programme, die Kameras von PipeWire nehmen (Firefox, OBS),</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Nothing runs that could be recorded: press Start first</source>
            <translation>Es läuft nichts, was sich aufnehmen ließe: bitte zuerst „Start“ drücken</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>nothing was recorded</source>
            <translation>nichts wurde aufgenommen</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Nothing runs that a picture could be taken of: press Start first</source>
            <translation>Es läuft nichts, wovon es ein Bild geben könnte: bitte zuerst „Start“ drücken</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Nothing runs: press Start, look at the camera, then calibrate</source>
            <translation>Es läuft nichts: bitte „Start“ drücken, in die Kamera blicken, dann kalibrieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>Look at the camera with a calm, neutral face…</source>
            <translation>Bitte mit ruhigem, neutralem Gesicht in die Kamera blicken …</translation>
        </message>
        <message>
            <location filename="../../app/gui/words.py"></location>
            <source>This model does not say where it looks</source>
            <translation>Dieses Modell sagt nicht, wohin es sieht</translation>
        </message>
        <message>
            <location filename="../../app/settings/setting.py"></location>
            <source>Reading</source>
            <translation>Erkennung</translation>
        </message>
        <message>
            <location filename="../../app/settings/setting.py"></location>
            <source>Overlay</source>
            <translation>Overlay</translation>
        </message>
        <message>
            <location filename="../../app/settings/setting.py"></location>
            <source>Window</source>
            <translation>Fenster</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Resolution</source>
            <translation>Auflösung</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Frame rate</source>
            <translation>Bildrate</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Asked of the camera</source>
            <translation>Wird von der Kamera erbeten</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>frames/s</source>
            <translation>Bilder/s</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>&amp;Mirror the preview</source>
            <translation>Vorschau spie&amp;geln</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>You see yourself as in a mirror; calls do not</source>
            <translation>Wie im Spiegel; Anrufe sehen es nicht so</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Mirror what &amp;others see</source>
            <translation>Bild für andere s&amp;piegeln</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Left and right change places in calls and recordings too; text stays readable</source>
            <translation>Links und rechts tauschen auch in Anrufen und Aufnahmen die Plätze; Text bleibt lesbar</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>The network that reads faces: installed, or a file</source>
            <translation>Das Netz, das Gesichter erkennt: installiert oder als Datei</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Runs on</source>
            <translation>Läuft auf</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>What computes the reading; the status line says what really runs</source>
            <translation>Womit gerechnet wird; die Statuszeile sagt, was wirklich läuft</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Automatic</source>
            <translation>Automatisch</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Processor</source>
            <translation>Prozessor</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>NVIDIA GPU</source>
            <translation>NVIDIA-GPU</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Whose face</source>
            <translation>Wessen Gesicht</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Mine is the largest and most central one</source>
            <translation>„Meines“ ist das größte und mittigste</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Mine</source>
            <translation>Meines</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Everyone's</source>
            <translation>Alle</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Smoothing</source>
            <translation>Glättung</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>From lively to steady: how long the past counts</source>
            <translation>Von lebhaft bis ruhig: wie lange das Vergangene zählt</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>s</source>
            <translation>s</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Say nothing below</source>
            <translation>Schweigen unter</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Below this confidence no expression is named</source>
            <translation>Unter dieser Zuversicht wird kein Ausdruck genannt</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Style</source>
            <translation>Stil</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>What is drawn over the picture</source>
            <translation>Was über das Bild gezeichnet wird</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Label only</source>
            <translation>Nur Beschriftung</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Box and label</source>
            <translation>Rahmen und Beschriftung</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>All eight scores</source>
            <translation>Alle acht Werte</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Emoji</source>
            <translation>Emoji</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Nothing</source>
            <translation>Nichts</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Size</source>
            <translation>Größe</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Of text and signs</source>
            <translation>Von Text und Zeichen</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Colours</source>
            <translation>Farben</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Of the eight expressions</source>
            <translation>Der acht Ausdrücke</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Standard</source>
            <translation>Standard</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Colour-blind safe</source>
            <translation>Für Farbenblinde geeignet</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Colour-blind safe, bright</source>
            <translation>Für Farbenblinde geeignet, kräftig</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>White only</source>
            <translation>Nur Weiß</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>&amp;Where it looks</source>
            <translation>&amp;Wohin es sieht</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Colours the parts of the face that speak for the label</source>
            <translation>Färbt die Teile des Gesichts, die für die Beschriftung sprechen</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Numbers</source>
            <translation>Zahlen</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>The figures of the main face in a corner of the picture</source>
            <translation>Die Werte des wichtigsten Gesichts in einer Ecke des Bildes</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Nowhere</source>
            <translation>Nirgends</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Top left</source>
            <translation>Oben links</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Top right</source>
            <translation>Oben rechts</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Bottom left</source>
            <translation>Unten links</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Bottom right</source>
            <translation>Unten rechts</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Badge: &amp;expression reading on</source>
            <translation>Hi&amp;nweis: Ausdruckserkennung an</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Tells the others in the call that expressions are read</source>
            <translation>Sagt den anderen im Anruf, dass Ausdrücke erkannt werden</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Kind</source>
            <translation>Art</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>What makes the virtual camera</source>
            <translation>Was die virtuelle Kamera bereitstellt</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>v4l2loopback</source>
            <translation>v4l2loopback</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>PipeWire</source>
            <translation>PipeWire</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>OBS</source>
            <translation>OBS</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Unity Capture</source>
            <translation>Unity Capture</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Device</source>
            <translation>Gerät</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>For example /dev/video10; empty: the first that works</source>
            <translation>Zum Beispiel /dev/video10; leer: das erste, das funktioniert</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Of the pictures that calls get</source>
            <translation>Der Bilder, die Anrufe erhalten</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>As the source</source>
            <translation>Wie die Quelle</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Folder</source>
            <translation>Ordner</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Where recordings and snapshots go; empty: Videos/affectcam</source>
            <translation>Wohin Aufnahmen und Schnappschüsse kommen; leer: Videos/affectcam</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>With the &amp;overlay</source>
            <translation>Mit &amp;Overlay</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Off: the clean picture is recorded</source>
            <translation>Aus: Das reine Bild wird aufgenommen</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>With a table</source>
            <translation>Mit Tabelle</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>The readings as .csv beside the video</source>
            <translation>Die Werte als .csv neben dem Video</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Chart</source>
            <translation>Diagramm</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>The last sixty seconds below the preview</source>
            <translation>Die letzten sechzig Sekunden unter der Vorschau</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Expressions</source>
            <translation>Ausdrücke</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Appearance</source>
            <translation>Erscheinungsbild</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Light or dark</source>
            <translation>Hell oder dunkel</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>As the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Light</source>
            <translation>Hell</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Dark</source>
            <translation>Dunkel</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Of the window; after the next start</source>
            <translation>Des Fensters; ab dem nächsten Start</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>English</source>
            <translation>English</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Deutsch</source>
            <translation>Deutsch</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Closing keeps it in the tray</source>
            <translation>Schließen legt es in den Infobereich</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>It goes on working; leave it from its icon</source>
            <translation>Es arbeitet weiter; beenden lässt es sich über sein Symbol</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Start minimised</source>
            <translation>Verkleinert starten</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>In the tray, or else in the task bar</source>
            <translation>Im Infobereich, sonst in der Taskleiste</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>On when the program starts</source>
            <translation>Beim Programmstart an</translation>
        </message>
        <message>
            <location filename="../../app/settings/table.py"></location>
            <source>Source and virtual camera go on by themselves</source>
            <translation>Quelle und virtuelle Kamera gehen von selbst an</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Start the source, or stop it</source>
            <translation>Die Quelle starten oder anhalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Virtual camera</source>
            <translation>&amp;Virtuelle Kamera</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Send the picture to calls, or no longer</source>
            <translation>Das Bild an Anrufe geben, oder nicht mehr</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Pause reading</source>
            <translation>&amp;Erkennung anhalten</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Pause</source>
            <translation>Pause</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Pictures go on, but no face is read</source>
            <translation>Bilder laufen weiter, aber kein Gesicht wird erkannt</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Hide &amp;overlay</source>
            <translation>&amp;Overlay verbergen</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Hide overlay</source>
            <translation>Overlay aus</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Pictures go on without anything drawn over them</source>
            <translation>Bilder laufen weiter, ohne dass etwas darüber gezeichnet wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Freeze the picture</source>
            <translation>&amp;Bild einfrieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Freeze</source>
            <translation>Einfrieren</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Calls keep seeing this moment until you go on</source>
            <translation>Anrufe sehen diesen Augenblick, bis es weitergeht</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>S&amp;napshot</source>
            <translation>S&amp;chnappschuss</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Snapshot</source>
            <translation>Foto</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Keep the picture as it is drawn now, as a file</source>
            <translation>Das Bild, wie es jetzt gezeichnet ist, als Datei speichern</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Record</source>
            <translation>&amp;Aufnehmen</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Record a video until you press it again</source>
            <translation>Ein Video aufnehmen, bis erneut gedrückt wird</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Se&amp;ttings…</source>
            <translation>E&amp;instellungen …</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Everything that can be chosen</source>
            <translation>Alles, was sich wählen lässt</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Model card…</source>
            <translation>Steckbrief des &amp;Modells …</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Get a virtual camera…</source>
            <translation>Virtuelle &amp;Kamera einrichten …</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>How to get one on this system</source>
            <translation>Wie sie auf dieses System kommt</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Diagnose…</source>
            <translation>&amp;Diagnose …</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>What works on this machine, and how to fix what does not</source>
            <translation>Was auf diesem Rechner funktioniert, und was sich gegen das Übrige tun lässt</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;What it does…</source>
            <translation>&amp;Was es tut …</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>The first page, to read again</source>
            <translation>Die erste Seite, zum Nachlesen</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>S&amp;hortcuts…</source>
            <translation>&amp;Tastenkürzel …</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>This list</source>
            <translation>Diese Liste</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>&amp;Quit</source>
            <translation>Be&amp;enden</translation>
        </message>
        <message>
            <location filename="../../app/gui/actions.py"></location>
            <source>Stop everything and leave, also when closing keeps it in the tray</source>
            <translation>Alles anhalten und beenden, auch wenn Schließen es in den Infobereich legt</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>Before you start</source>
            <translation>Vor dem ersten Start</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>affectcam names the expression that a face shows. That is less than it seems.</source>
            <translation>affectcam benennt den Ausdruck, den ein Gesicht zeigt. Das ist weniger, als es scheint.</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>An expression is not a feeling</source>
            <translation>Ein Ausdruck ist kein Gefühl</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>People smile out of politeness and scowl out of concentration. It errs, and not evenly: expect worse in bad light, from the side, behind a mask, and for faces that the training pictures lack.</source>
            <translation>Menschen lächeln aus Höflichkeit und blicken finster, wenn sie sich konzentrieren. Das Programm irrt, und nicht gleichmäßig: mehr bei schlechtem Licht, von der Seite, hinter einer Maske und bei Gesichtern, die in den Trainingsbildern fehlen.</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>Nothing leaves the machine</source>
            <translation>Nichts verlässt den Rechner</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>No account, no upload, no telemetry. Nothing is stored unless you ask for a file, and no face is recognised.</source>
            <translation>Kein Konto, kein Hochladen, keine Telemetrie. Gespeichert wird nur, was ausdrücklich als Datei verlangt wird, und niemand wird wiedererkannt.</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>Your own face, or with consent</source>
            <translation>Das eigene Gesicht, oder mit Einverständnis</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>Use it on yourself, or on people who know it, agree, and can say no without a cost. Someone else's call, lecture or street is not yours to read.</source>
            <translation>Gedacht ist es für das eigene Gesicht, oder für Menschen, die davon wissen, einverstanden sind und ohne Nachteil ablehnen können. Fremde Gespräche, Vorlesungen und Straßen sind dafür nicht da.</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>Not at work, in class, or for decisions about people</source>
            <translation>Nicht bei der Arbeit, im Unterricht oder um über Menschen zu entscheiden</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>The European Union's AI Act bans systems that infer emotions of people at the workplace and in education, but for medical and safety reasons.</source>
            <translation>Die KI-Verordnung der Europäischen Union verbietet Systeme, die am Arbeitsplatz und in Bildungseinrichtungen auf Emotionen schließen, außer aus medizinischen Gründen und zur Sicherheit.</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>Say that it is on</source>
            <translation>Sagen, dass es an ist</translation>
        </message>
        <message>
            <location filename="../../app/gui/welcome_text.py"></location>
            <source>A badge in the picture tells those whom you call, unless you switch it off. A labelled picture also shows labels for whoever else walks through it.</source>
            <translation>Ein Hinweis im Bild sagt es den anderen im Anruf, solange er nicht abgeschaltet wird. Ein beschriftetes Bild beschriftet auch alle, die sonst noch hindurchgehen.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Get a virtual camera on Linux</source>
            <translation>Eine virtuelle Kamera unter Linux einrichten</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Calls pick affectcam as a camera, and for that Linux needs a driver, v4l2loopback.</source>
            <translation>Videoanrufe wählen affectcam als Kamera, und dafür braucht Linux einen Treiber: v4l2loopback.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Install the driver (Fedora: akmod-v4l2loopback from RPM Fusion; Arch: v4l2loopback-dkms).</source>
            <translation>Den Treiber installieren (Fedora: akmod-v4l2loopback aus RPM Fusion; Arch: v4l2loopback-dkms).</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Load it. Chrome, and so Meet and Teams, need exclusive_caps=1; card_label is the name in calls.</source>
            <translation>Den Treiber laden. Chrome, und damit Meet und Teams, braucht exclusive_caps=1; card_label ist der Name in Anrufen.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Press “Check again”, switch the virtual camera on, and only then open the call's camera menu.</source>
            <translation>„Erneut prüfen“ drücken, die virtuelle Kamera einschalten und erst dann im Anruf das Menü der Kameras öffnen.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>To have it after every start of the computer: load the driver by itself …</source>
            <translation>Damit sie nach jedem Neustart da ist: den Treiber von selbst laden lassen …</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>… with the same options.</source>
            <translation>… mit denselben Optionen.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>If modprobe says “Key was rejected”: Secure Boot wants the driver signed. Choose a password, restart, confirm the key with it, and load the driver again.</source>
            <translation>Sagt modprobe „Key was rejected“, verlangt Secure Boot einen signierten Treiber: ein Passwort wählen, neu starten, den Schlüssel damit bestätigen und den Treiber noch einmal laden.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>If modprobe finds no module: the kernel was updated. Install its headers, which build the driver anew.</source>
            <translation>Findet modprobe kein Modul, wurde der Kernel aktualisiert: seine Header installieren, dann wird der Treiber neu gebaut.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Where no driver may be loaded, PipeWire carries the camera to programs that take theirs from it: OBS, Firefox (about:config: media.webrtc.camera.allow-pipewire, on in Fedora) and Chrome (chrome://flags/#enable-webrtc-pipewire-camera). Zoom does not.</source>
            <translation>Wo kein Treiber geladen werden darf, trägt PipeWire die Kamera zu Programmen, die ihre von dort nehmen: OBS, Firefox (about:config: media.webrtc.camera.allow-pipewire, in Fedora an) und Chrome (chrome://flags/#enable-webrtc-pipewire-camera). Zoom gehört nicht dazu.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Then choose PipeWire as the kind of virtual camera.</source>
            <translation>Dann PipeWire als Art der virtuellen Kamera wählen.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Get a virtual camera on Windows</source>
            <translation>Eine virtuelle Kamera unter Windows einrichten</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Calls pick affectcam as a camera, and for that Windows needs a driver, which OBS Studio brings.</source>
            <translation>Videoanrufe wählen affectcam als Kamera, und dafür braucht Windows einen Treiber, den OBS Studio mitbringt.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Install OBS Studio 26 or newer from obsproject.com.</source>
            <translation>OBS Studio ab Version 26 von obsproject.com installieren.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>OBS need not run. If it does, leave its own virtual camera stopped: only one program can feed it.</source>
            <translation>OBS muss nicht laufen. Läuft es doch, bleibt seine eigene virtuelle Kamera angehalten: Nur ein Programm kann sie speisen.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Press “Check again”, and switch the virtual camera on.</source>
            <translation>„Erneut prüfen“ drücken und die virtuelle Kamera einschalten.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>In the call choose “OBS Virtual Camera”. If it is not listed, restart the call program.</source>
            <translation>Im Anruf „OBS Virtual Camera“ wählen. Fehlt sie in der Liste, das Programm für den Anruf neu starten.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Or install Unity Capture from github.com/schellingb/UnityCapture, and choose it as the kind of camera.</source>
            <translation>Oder Unity Capture von github.com/schellingb/UnityCapture installieren und als Art der Kamera wählen.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Get a virtual camera on macOS</source>
            <translation>Eine virtuelle Kamera unter macOS einrichten</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Calls pick affectcam as a camera, and for that macOS needs an extension, which OBS Studio brings.</source>
            <translation>Videoanrufe wählen affectcam als Kamera, und dafür braucht macOS eine Erweiterung, die OBS Studio mitbringt.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Install OBS Studio 30 or newer from obsproject.com.</source>
            <translation>OBS Studio ab Version 30 von obsproject.com installieren.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Open OBS and press “Start Virtual Camera”: macOS asks whether the extension may be used.</source>
            <translation>OBS öffnen und „Start Virtual Camera“ drücken: macOS fragt, ob die Erweiterung verwendet werden darf.</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Allow it: System Settings → General → Login Items &amp; Extensions → Camera Extensions (before macOS 15: Privacy &amp; Security).</source>
            <translation>Das erlauben: Systemeinstellungen → Allgemein → Anmeldeobjekte &amp; Erweiterungen → Kameraerweiterungen (vor macOS 15: Datenschutz &amp; Sicherheit).</translation>
        </message>
        <message>
            <location filename="../../app/sinks/camera_help.py"></location>
            <source>Press “Stop Virtual Camera” and quit OBS. Once is enough.</source>
            <translation>„Stop Virtual Camera“ drücken und OBS beenden. Einmal genügt.</translation>
        </message>
        <message>
            <location filename="../../model/emotions.py"></location>
            <source>neutral</source>
            <translation>neutral</translation>
        </message>
        <message>
            <location filename="../../model/emotions.py"></location>
            <source>happiness</source>
            <translation>Freude</translation>
        </message>
        <message>
            <location filename="../../model/emotions.py"></location>
            <source>sadness</source>
            <translation>Trauer</translation>
        </message>
        <message>
            <location filename="../../model/emotions.py"></location>
            <source>surprise</source>
            <translation>Überraschung</translation>
        </message>
        <message>
            <location filename="../../model/emotions.py"></location>
            <source>fear</source>
            <translation>Angst</translation>
        </message>
        <message>
            <location filename="../../model/emotions.py"></location>
            <source>disgust</source>
            <translation>Ekel</translation>
        </message>
        <message>
            <location filename="../../model/emotions.py"></location>
            <source>anger</source>
            <translation>Ärger</translation>
        </message>
        <message>
            <location filename="../../model/emotions.py"></location>
            <source>contempt</source>
            <translation>Verachtung</translation>
        </message>
    </context>
</TS>
