# make run · make test · make check · make bench · make soak    (PORT=8700  PYTHON=python3  JOBS=3)
PYTHON ?= python3
PORT ?= 8700
# One more than two cores: a test that waits for a browser or a server leaves its core to another.
JOBS ?= 3
V = .venv/bin
# The tests start the program some hundred times; where Python keeps no compiled files, each start compiles it anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help run ui test check screens wheel bench soak sbom audit secrets lock format dev-set-up run-set-up clean
.DEFAULT_GOAL := help

help:
	@echo "make run     a living demo county on http://127.0.0.1:$(PORT)      演示县"
	@echo "make ui      build the screens (Node 20.19 or newer)          构建界面"
	@echo "make test    all tests                                        全部测试"
	@echo "make check   format, lint, types, imports, words, docs        检查"
	@echo "make screens pictures of every screen into docs/pictures     给每个界面照相"
	@echo "make wheel   an installable file with the screens, in dist     打成安装包"
	@echo "make bench   the ratios to beat, as JSON lines                性能对比"
	@echo "make soak    kill -9 and faults, for longer                   长时间考验"
	@echo "make sbom    bill of materials, build/sbom.json               软件物料清单"
	@echo "make audit   known holes in what is locked                    依赖漏洞审计"
	@echo "make secrets secrets in the files and their history           扫描密钥"

run: run-set-up
	@$(V)/python tools/ui.py
	@$(V)/huying demo --port $(PORT) || [ $$? -eq 130 ]

ui: dev-set-up
	@$(V)/python tools/ui.py --check

# A file's tests stay together, so that what they share (a browser, a county that is served) is opened once.
test: ui
	$(V)/pytest -n $(JOBS) --dist worksteal

check: ui
	$(V)/ruff format --check .
	$(V)/ruff check .
	$(V)/mypy
	$(V)/pytest -m 'not slow' tests/test_architecture.py tests/test_words.py tests/test_docs.py tests/test_cli.py

screens: ui
	$(V)/python tools/screens.py

wheel: ui
	$(V)/python -m hatchling build -t wheel

bench: dev-set-up
	@$(V)/python -m bench

soak: dev-set-up
	@$(V)/pip install -q atheris==3.0.0 || echo 'without atheris: fuzzed by chance alone'
	HUYING_SOAK=1 $(V)/pytest $$(grep -rlE --include="test_*.py" 'HUYING_SOAK|@given|@rule' tests)

sbom:
	@$(PYTHON) tools/sbom.py

audit: dev-set-up
	@$(V)/python tools/audit.py

secrets:
	@$(PYTHON) tools/secrets_scan.py
	@$(PYTHON) tools/secrets_scan.py --history

format: dev-set-up
	$(V)/ruff check --fix .
	$(V)/ruff format .

lock:
	tools/lock.sh

run-set-up:
	@$(PYTHON) tools/set_up.py run

dev-set-up:
	@$(PYTHON) tools/set_up.py dev

clean:
	rm -rf .venv ui/node_modules src/huying/web/app build dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
