import { mount } from "svelte";
import App from "./App.svelte";
import "./tokens.css";
import "./parts.css";
import { onAnswer } from "$lib/api";
import { dress } from "$lib/prefs.svelte";
import { did } from "$lib/tour";

dress();
onAnswer(did);
mount(App, { target: document.getElementById("app")! });
