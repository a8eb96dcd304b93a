import { mount } from "svelte";
import App from "./App.svelte";
import "./tokens.css";
import "./parts.css";
import { dress } from "$lib/prefs.svelte";

dress();
mount(App, { target: document.getElementById("app")! });
