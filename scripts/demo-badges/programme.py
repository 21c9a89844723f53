"""What the badges of the programme say. University, people and numbers are invented."""

import artwork

SITE = "https://badges.hanbit.example"
ISSUER = {
    "id": f"{SITE}/issuers/semiconductor",
    "type": ["Profile"],
    "name": "한빛대학교 반도체특성화대학사업단",
    "url": f"{SITE}/semiconductor",
    "email": "semiconductor@hanbit.example",
    "description": "한빛대학교 반도체특성화대학사업단은 반도체 설계·소자·공정·패키징 분야의 교육과정을 "
    "운영하고, 그 이수와 성취를 디지털 배지로 인증합니다.",
    "parentOrg": {
        "id": "https://hanbit.example/",
        "type": ["Profile"],
        "name": "한빛대학교",
        "url": "https://hanbit.example/",
    },
}


def courses(*names):
    """Lines of a Markdown list, three credits each."""
    return "\n".join(f"- {name} (3학점)" for name in names)


COMMON = courses("반도체공학개론", "물리전자공학", "회로이론 및 실습", "반도체 공정 기초")
ADVANCED = courses("반도체소자", "디지털 집적회로 설계", "반도체 단위공정 실습", "반도체 계측 및 분석")
PROFESSIONAL = courses(
    "SoC 설계 프로젝트", "메모리 소자와 공정", "반도체 패키징 및 테스트", "산학연계 캡스톤디자인"
)

# One entry per badge. `file` names its files, its achievement and its place in this list the
# recipient, so every badge has a recipient of its own.
BADGES = [
    {
        "file": "common-bronze",
        "image": artwork.bronze,
        "name": "반도체 공통과정 (브론즈)",
        "type": "MicroCredential",
        "code": "HB-SEMI-C12",
        "credits": 12,
        "description": "반도체 전공의 기초가 되는 공통과정 교과목 12학점을 이수한 학생에게 수여합니다.",
        "criteria": "## 이수 기준\n\n아래 공통과정 교과목에서 **12학점 이상**을 이수하고, 이수한 교과목의 "
        f"평균 평점이 3.0 이상(4.5 만점)이어야 합니다.\n\n### 공통과정 교과목\n\n{COMMON}",
        "tags": ["반도체", "공통과정", "브론즈", "12학점"],
        "term": "2025학년도 1학기 ~ 2025학년도 2학기",
        "from": "2025-03-04T09:00:00+09:00",
        "until": "2025-12-19T18:00:00+09:00",
        "awarded": "2026-01-15T10:00:00+09:00",
    },
    {
        "file": "advanced-silver",
        "image": artwork.silver,
        "name": "반도체 심화과정 (실버)",
        "type": "MicroCredential",
        "code": "HB-SEMI-A24",
        "credits": 24,
        "description": "공통과정을 마치고 심화과정 교과목까지 모두 24학점을 이수한 학생에게 수여합니다.",
        "criteria": "## 이수 기준\n\n공통과정 12학점을 포함하여 **24학점 이상**을 이수하고, 이수한 교과목의 "
        f"평균 평점이 3.0 이상(4.5 만점)이어야 합니다.\n\n### 공통과정 교과목\n\n{COMMON}\n\n"
        f"### 심화과정 교과목\n\n{ADVANCED}",
        "tags": ["반도체", "심화과정", "실버", "24학점"],
        "term": "2024학년도 1학기 ~ 2025학년도 2학기",
        "from": "2024-03-04T09:00:00+09:00",
        "until": "2025-12-19T18:00:00+09:00",
        "awarded": "2026-01-15T10:00:00+09:00",
    },
    {
        "file": "professional-gold",
        "image": artwork.gold,
        "name": "반도체 전문과정 (골드)",
        "type": "MicroCredential",
        "code": "HB-SEMI-P36",
        "credits": 36,
        "description": "공통과정과 심화과정을 거쳐 전문과정까지 모두 36학점을 이수하고 산학연계 "
        "캡스톤디자인을 완료한 학생에게 수여합니다.",
        "criteria": "## 이수 기준\n\n공통과정과 심화과정 24학점을 포함하여 **36학점 이상**을 이수하고, 이수한 "
        "교과목의 평균 평점이 3.3 이상(4.5 만점)이어야 합니다. 산학연계 캡스톤디자인은 반드시 이수해야 합니다."
        f"\n\n### 공통과정 교과목\n\n{COMMON}\n\n### 심화과정 교과목\n\n{ADVANCED}\n\n"
        f"### 전문과정 교과목\n\n{PROFESSIONAL}",
        "tags": ["반도체", "전문과정", "골드", "36학점"],
        "term": "2023학년도 1학기 ~ 2025학년도 2학기",
        "from": "2023-03-02T09:00:00+09:00",
        "until": "2025-12-19T18:00:00+09:00",
        "awarded": "2026-02-13T10:00:00+09:00",
    },
    {
        "file": "learning",
        "image": artwork.learning,
        "name": "반도체 8대 공정의 이해 (러닝 배지)",
        "type": "Course",
        "code": "HB-SEMI-L01",
        "description": "웨이퍼 제조부터 패키징까지 반도체 8대 공정을 온라인으로 학습하고 평가를 통과한 "
        "학습자에게 수여합니다.",
        "criteria": "## 취득 기준\n\n- 온라인 강의 15차시(15시간)를 모두 수강합니다.\n"
        "- 차시별 퀴즈와 최종 평가에서 100점 만점에 80점 이상을 받습니다.",
        "tags": ["반도체", "8대 공정", "온라인 학습", "러닝"],
        "term": "2026학년도 1학기",
        "from": "2026-03-03T09:00:00+09:00",
        "until": "2026-04-24T18:00:00+09:00",
        "awarded": "2026-05-06T10:00:00+09:00",
    },
    {
        "file": "completion",
        "image": artwork.completion,
        "name": "반도체 공정 실습 집중과정 (수료 배지)",
        "type": "CertificateOfCompletion",
        "code": "HB-SEMI-M01",
        "description": "방학 중 클린룸에서 진행하는 40시간의 반도체 공정 실습 집중과정을 수료한 학생에게 "
        "수여합니다.",
        "criteria": "## 수료 기준\n\n- 클린룸 안전교육을 이수합니다.\n"
        "- 총 40시간의 실습 가운데 90% 이상 출석합니다.\n"
        "- 산화·포토·식각·박막 증착 실습을 마치고 결과 보고서를 제출하여 통과 판정을 받습니다.",
        "tags": ["반도체", "클린룸", "공정 실습", "수료"],
        "term": "2026학년도 하계방학",
        "from": "2026-07-06T09:00:00+09:00",
        "until": "2026-07-17T18:00:00+09:00",
        "awarded": "2026-07-24T10:00:00+09:00",
    },
    {
        "file": "award",
        "image": artwork.award,
        "name": "반도체특성화대학사업단 우수학생상",
        "type": "Award",
        "code": "HB-SEMI-W01",
        "description": "학업 성취가 뛰어나고 사업단 활동에 모범을 보인 학생에게 수여하는 상입니다.",
        "criteria": "## 수상 기준\n\n- 심화과정 이상을 이수한 학생 가운데 평균 평점이 상위 5% 이내입니다.\n"
        "- 비교과 프로그램에 두 차례 이상 참여하였습니다.\n"
        "- 지도교수의 추천과 사업단 심사위원회의 심사를 거쳐 선정됩니다.",
        "tags": ["반도체", "우수학생", "수상"],
        "term": "2025학년도",
        "from": "2025-03-04T09:00:00+09:00",
        "until": "2026-02-13T18:00:00+09:00",
        "awarded": "2026-02-20T14:00:00+09:00",
    },
    {
        "file": "seminar",
        "image": artwork.seminar,
        "name": "반도체 산업체 전문가 세미나",
        "type": "CoCurricular",
        "code": "HB-SEMI-S01",
        "description": "산업체 전문가가 최신 반도체 기술과 직무를 소개하는 세미나에 성실히 참여한 학생에게 "
        "수여합니다.",
        "criteria": "## 참여 기준\n\n- 한 학기 동안 열리는 6회의 세미나 가운데 5회 이상 참석합니다.\n"
        "- 참석한 세미나마다 소감문을 제출합니다.",
        "tags": ["반도체", "세미나", "산업체 전문가", "비교과"],
        "term": "2026학년도 1학기",
        "from": "2026-03-18T16:00:00+09:00",
        "until": "2026-06-10T18:00:00+09:00",
        "awarded": "2026-06-19T10:00:00+09:00",
    },
    {
        "file": "design-contest",
        "image": artwork.design_contest,
        "name": "제3회 반도체 설계 경진대회 최우수상",
        "type": "Award",
        "code": "HB-SEMI-D03",
        "description": "학생들이 팀을 이루어 집적회로를 설계하고 검증하는 반도체 설계 경진대회의 수상자에게 "
        "수여합니다.",
        "criteria": "## 수상 기준\n\n- 2~4명이 한 팀을 이루어 주어진 주제의 회로를 설계하고 RTL 코드와 검증 "
        "결과를 제출합니다.\n- 예선 서류 심사와 본선 발표 심사의 점수를 합산하여 수상 등급을 정합니다.\n"
        "- 심사 항목: 설계 완성도 40점, 성능·전력·면적 40점, 발표 20점",
        "tags": ["반도체", "집적회로 설계", "경진대회", "최우수상"],
        "narrative": "‘저전력 인공지능 가속기를 위한 행렬 곱셈기’를 설계하여 최우수상을 받았습니다.",
        "grade": ("최우수상", ["장려상", "우수상", "최우수상", "대상"]),
        "term": "2026학년도",
        "from": "2026-08-10T09:00:00+09:00",
        "until": "2026-09-18T18:00:00+09:00",
        "awarded": "2026-09-25T15:00:00+09:00",
    },
]
